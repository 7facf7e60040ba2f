import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { firstLine, startCommand } from './command.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { namespacesMissing, pidsIn } from './namespaces.ts';

const run = promisify(execFile);

const missing = namespacesMissing();
if (missing !== null) console.log(`SKIPPED lab: ${missing}`);

describe.skipIf(missing !== null)('an app that is killed', () => {
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = await startFleet([
      { alias: 'plain', gpus: [], models: [{ port: 8000, id: 'm' }] },
      // RevokedHostKeys is left to the system's ssh.
      {
        alias: 'by-system',
        gpus: [],
        models: [{ port: 8000, id: 'm' }],
        ssh: ['RevokedHostKeys /dev/null'],
      },
      // It measures while the app dies.
      { alias: 'slow-tool', gpus: [], nvidiaSmi: '#!/bin/sh\nexec sleep 3\n' },
    ]);
  });
  afterAll(async () => {
    await fleet?.stop();
  });

  const running = async (alias: string): Promise<number> => (await pidsIn(fleet.namespaceOf(alias))).length;
  /** What runs on this computer for the hosts, by its command line. */
  const runningHere = async (): Promise<readonly string[]> => {
    const { stdout } = await run('ps', ['-eo', 'args=']);
    return stdout.split('\n').filter((line) => line.includes(fleet.sshConfigPath));
  };

  it.each([
    ['while it watches', ['gpu-idle-top', '--json']],
    ['while it forwards', ['forward', 'plain', '8000', '--json']],
    ["while it forwards by the system's ssh", ['forward', 'by-system', '8000', '--json']],
  ])('leaves no process on its hosts: %s', async (_name, args) => {
    const app = startCommand([...args, '--ssh-config', fleet.sshConfigPath]);
    await firstLine(app);
    const used = args[1] === 'by-system' ? 'by-system' : 'plain';
    expect(await running(used)).toBeGreaterThan(1);
    app.kill('SIGKILL');
    await once(app, 'close');
    await vi.waitFor(
      async () => {
        const left = await Promise.all(['plain', 'by-system', 'slow-tool'].map(running));
        expect([left, await runningHere()]).toEqual([[1, 1, 1], []]);
      },
      { interval: 100 },
    );
  });
});
