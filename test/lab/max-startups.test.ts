import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { namespacesMissing } from './namespaces.ts';

const missing = namespacesMissing();
if (missing !== null) console.log(`SKIPPED lab: ${missing}`);

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

describe.skipIf(missing !== null)('many hosts behind one sshd with its default MaxStartups', () => {
  let fleet: Fleet;
  let address: string;

  beforeAll(async () => {
    fleet = await startFleet([{ alias: 'gateway', gpus: [] }]);
    address = fleet.addresses.get('gateway') ?? '';
  });
  afterAll(async () => {
    await fleet?.stop();
  });

  const scan = async (blocks: readonly string[]) => {
    const config = join(fleet.directory, 'many');
    await writeFile(config, [`Include ${fleet.sshConfigPath}`, ...blocks].join('\n'));
    const { stdout } = await runCommand([
      'gpu-idle-top',
      '--once',
      '--json',
      '--host-regex',
      '^n',
      '--ssh-config',
      config,
    ]);
    return JSON.parse(stdout).hosts.filter(
      (host: { state: { kind: string } }) => host.state.kind === 'no-gpu',
    ).length;
  };

  const block = (n: number, hostname: string, ...more: string[]) =>
    [
      `Host n${n}`,
      `HostName ${hostname}`,
      // Values of its own make each host a target of its own, with a login of its own.
      `ConnectTimeout ${60 + n}`,
      `HostKeyAlias ${address}`,
      ...more,
      'User root',
      'IdentitiesOnly yes',
      `IdentityFile ${join(fleet.directory, 'id')}`,
      `UserKnownHostsFile ${join(fleet.directory, 'known_hosts')}`,
      'StrictHostKeyChecking yes',
    ].join('\n  ');

  it('loses none of 150 on a cold scan', async () => {
    expect(await scan(numbers(150).map((n) => block(n, address)))).toBe(150);
    // sshd says so when it begins to drop connections, and for each one that it drops.
    expect(fleet.logOf('gateway')).not.toMatch(/MaxStartups|drop connection/);
  });

  it('loses none of 100 when it is their jump host', async () => {
    const blocks = numbers(100).map((n) => block(n, `127.0.0.${n + 1}`, 'ProxyJump gateway'));
    // To the client they are a hundred servers, though one sshd stands in for all: only the jump host's own count is real.
    expect(await scan(blocks)).toBe(100);
  });
});
