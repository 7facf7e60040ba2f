import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';

/**
 * Runs a line of sh that prints process ids, and returns them: when one ends nothing collects it, so it stays listed (state Z).
 * All end with the test. Linux only.
 */
export async function startUncollected(line: string): Promise<readonly number[]> {
  const parent = spawn('sh', ['-c', `${line} & exec sleep 600`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed] = await once(parent.stdout, 'data');
  const pids = String(printed).trim().split(' ').map(Number);
  onTestFinished(() => {
    for (const pid of [...pids, parent.pid ?? 0]) spawnSync('kill', ['-KILL', String(pid)]);
  });
  // Until then it is a shell, which collects.
  await expect.poll(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8').trim()).toBe('sleep');
  return pids;
}
