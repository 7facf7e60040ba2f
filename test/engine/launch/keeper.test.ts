/** Whether a launch is still there, as the real sh of this computer tells it from processes that have ended. */

import { spawnSync } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { identity } from '#engine/launch/keeper.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { expectEnded } from '../../support/is-running.ts';
import { startUncollected } from '../../support/uncollected.ts';

const isLinux = process.platform === 'linux';

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
    const [pid = 0] = await startUncollected("setsid sh -c 'echo $$; exec sleep 600'");
    const look = await looking(pid);
    expect(look()).toEqual(['runs', 'group']);
    process.kill(pid, 'SIGKILL');
    await expectEnded(pid);
    expect(process.kill(pid, 0)).toBe(true);
    expect(look()).toEqual([]);
  });

  it('runs while any process of its group does, after its first has ended', async () => {
    const [pid = 0, other = 0] = await startUncollected(
      "setsid sh -c 'sleep 600 & echo $$ $!; exec sleep 600'",
    );
    const look = await looking(pid);
    process.kill(pid, 'SIGKILL');
    await expectEnded(pid);
    expect(look()).toEqual(['group']);
    process.kill(other, 'SIGKILL');
    await expectEnded(other);
    expect(look()).toEqual([]);
  });
});
