import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Whether a process runs; one that has ended but was not yet collected by its parent (state Z) does not. */
export function isRunning(pid: number): Promise<boolean> {
  return promisify(execFile)('ps', ['-o', 'stat=', '-p', String(pid)]).then(
    ({ stdout }) => !stdout.startsWith('Z'),
    () => false,
  );
}
