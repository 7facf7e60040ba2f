import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { namespacesMissing } from './namespaces.ts';

const missing = namespacesMissing();
if (missing !== null) console.log(`SKIPPED lab: ${missing}`);

const indexes = Array.from({ length: 50 }, (_, n) => n);

describe.skipIf(missing !== null)('50 hosts behind one sshd with its default MaxStartups', () => {
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

  it('loses none on a cold scan', async () => {
    expect(await scan(indexes.map((n) => block(n, address)))).toBe(indexes.length);
  });

  it('loses none when it is their jump host', async () => {
    expect(await scan(indexes.map((n) => block(n, `127.0.0.${n + 1}`, 'ProxyJump gateway')))).toBe(
      indexes.length,
    );
  });
});
