import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { vi } from 'vitest';

const run = promisify(execFile);

/**
 * Resolves when no address here is tentative any more: each one that becomes usable is a change of the network, at which Chromium
 * ends what it loads.
 */
export async function networkSettled(): Promise<void> {
  await vi.waitFor(async () => {
    const { stdout } = await run('ip', ['-o', '-6', 'addr', 'show', 'tentative']);
    if (stdout !== '') throw new Error(`tentative: ${stdout}`);
  });
}
