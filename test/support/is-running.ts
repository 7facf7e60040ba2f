import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'vitest';

/** Whether a process runs; one that has ended but was not yet collected by its parent (state Z) does not. */
export function isRunning(pid: number): Promise<boolean> {
  return promisify(execFile)('ps', ['-o', 'stat=', '-p', String(pid)]).then(
    ({ stdout }) => !stdout.startsWith('Z'),
    () => false,
  );
}

/** It ends soon: a signal has been sent to it, which on a busy computer takes effect later than the next line of a test. */
export async function expectEnded(pid: number): Promise<void> {
  await expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false);
}
