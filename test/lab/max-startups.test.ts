import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { namespacesMissing } from './namespaces.ts';

const missing = namespacesMissing();
if (missing !== null) console.log(`SKIPPED lab: ${missing}`);

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

/** sshd's default MaxStartups is 10:30:100: from the eleventh connection that has not logged in, it drops some. */
const startDropping = 10;
const targets = numbers(100).map((n) => `t${n}`);

/** The most connections that had not logged in at once, by sshd's log at LogLevel VERBOSE. */
function peakOf(log: string): number {
  const open = new Set<string>();
  let peak = 0;
  for (const line of log.split('\n')) {
    const port = /\bport (\d+)/.exec(line)?.[1] ?? '';
    if (line.startsWith('Connection from ')) open.add(port);
    else if (/^(Accepted publickey|Connection (closed|reset)|Disconnected) /.test(line)) open.delete(port);
    peak = Math.max(peak, open.size);
  }
  return peak;
}

const logins = (log: string): number => log.split('Accepted publickey').length - 1;
/** sshd says so when it begins to drop connections, and for each one that it drops. */
const drops = (log: string): number => log.split(/drop connection|MaxStartups/).length - 1;

describe.skipIf(missing !== null)('many hosts at once, at the default MaxStartups', () => {
  let fleet: Fleet;

  beforeAll(async () => {
    const sshd = ['LogLevel VERBOSE'];
    fleet = await startFleet([
      { alias: 'gateway', gpus: [], sshd },
      ...targets.map((alias) => ({ alias, gpus: null, sshd, behind: 'gateway' })),
    ]);
  });
  afterAll(async () => {
    await fleet?.stop();
  });

  /** Scans the hosts whose alias begins with the letter, and returns how many were reached. */
  const scan = async (letter: string, config: string): Promise<number> => {
    const args = [
      'gpu-idle-top',
      '--once',
      '--json',
      '--host-regex',
      `^${letter}\\d`,
      '--ssh-config',
      config,
    ];
    const { stdout } = await runCommand(args);
    const { hosts } = JSON.parse(stdout) as { hosts: { state: { kind: string } }[] };
    return hosts.filter(({ state }) => state.kind === 'no-gpu').length;
  };

  it('none of 150 behind one sshd is lost or dropped on a cold scan', async () => {
    const { address } = fleet.namespaceOf('gateway');
    const block = (n: number) =>
      [
        `Host n${n}`,
        `HostName ${address}`,
        // A value of its own makes each host a target of its own, with a login of its own.
        `ConnectTimeout ${60 + n}`,
        'User root',
        'IdentitiesOnly yes',
        `IdentityFile ${join(fleet.directory, 'id')}`,
        `UserKnownHostsFile ${join(fleet.directory, 'known_hosts')}`,
        'StrictHostKeyChecking yes',
      ].join('\n  ');
    const config = join(fleet.directory, 'many');
    await writeFile(config, numbers(150).map(block).join('\n'));
    expect(await scan('n', config)).toBe(150);
    const log = fleet.logOf('gateway');
    console.log(
      `150 hosts on one sshd: ${logins(log)} logins, at most ${peakOf(log)} connections not logged in at once, ${drops(log)} dropped`,
    );
    expect(peakOf(log)).toBeLessThan(startDropping);
    expect([logins(log), drops(log)]).toEqual([150, 0]);
  });

  it('none of 100 behind one jump host is lost or dropped, by the jump host or by themselves', async () => {
    const before = fleet.logOf('gateway').length;
    expect(await scan('t', fleet.sshConfigPath)).toBe(100);
    const jump = fleet.logOf('gateway').slice(before);
    const logs = targets.map((alias) => fleet.logOf(alias));
    const peak = Math.max(...logs.map(peakOf));
    console.log(
      `100 targets behind one jump host: ${logins(jump)} connections to it, at most ${peakOf(jump)} not logged in at once; at most ${peak} on a target's sshd; ${drops(jump + logs.join(''))} dropped`,
    );
    // One connection to the jump host carries 64 targets.
    expect([logins(jump), logs.map(logins)]).toEqual([2, targets.map(() => 1)]);
    expect(Math.max(peakOf(jump), peak)).toBeLessThan(startDropping);
    expect(drops(jump + logs.join(''))).toBe(0);
  });
});
