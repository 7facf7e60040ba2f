/** Whether a launch is still there, as the real sh of this computer tells it from processes that have ended. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { identity } from '#engine/launch/keeper.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { expectEnded } from '../../support/is-running.ts';

const isLinux = process.platform === 'linux';

/** Runs a line in which a process of its own group begins, printing its numbers; who started it collects nothing that ends. */
async function startGroup(line: string): Promise<readonly number[]> {
  const parent = spawn('sh', ['-c', `setsid sh -c '${line}' & exec sleep 600`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed] = await once(parent.stdout, 'data');
  const pids = String(printed).trim().split(' ').map(Number);
  onTestFinished(() => {
    for (const pid of [...pids, parent.pid ?? 0]) spawnSync('kill', ['-KILL', String(pid)]);
  });
  return pids;
}

async function looking(pid: number) {
  const folder = await temporaryFolder();
  onTestFinished(folder.remove);
  const sh = (script: string) =>
    spawnSync('sh', { input: `cd '${folder.path}'\n${identity}\n${script}\n`, encoding: 'utf8' }).stdout;
  sh(`echo "${pid} $(born ${pid})" >pid`);
  return () => sh('runs pid && echo runs; group_runs pid && echo group').split('\n').slice(0, -1);
}

describe.skipIf(!isLinux)('a launch', () => {
  it('that has ended does not run, though nothing collects it', async () => {
    const [pid = 0] = await startGroup('echo $$; exec sleep 600');
    const look = await looking(pid);
    expect(look()).toEqual(['runs', 'group']);
    process.kill(pid, 'SIGKILL');
    await expectEnded(pid);
    expect(process.kill(pid, 0)).toBe(true);
    expect(look()).toEqual([]);
  });

  it('runs while any process of its group does, after its first has ended', async () => {
    const [pid = 0, other = 0] = await startGroup('sleep 600 & echo $$ $!; exec sleep 600');
    const look = await looking(pid);
    process.kill(pid, 'SIGKILL');
    await expectEnded(pid);
    expect(look()).toEqual(['group']);
    process.kill(other, 'SIGKILL');
    await expectEnded(other);
    expect(look()).toEqual([]);
  });
});
