/** Programs of the app, run by Node for Windows under Wine. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, inject, onTestFinished, vi } from 'vitest';
import { windowsPath, wineEnv } from './wine-env.ts';

const wine = inject('wine');

/** A `describe` of what needs Wine; without it the tests are skipped, and say why. */
export function describeOnWindows(title: string, body: () => void): void {
  if (wine.kind === 'missing') console.log(`skipped: ${wine.reason}`);
  describe.skipIf(wine.kind === 'missing')(title, body);
}

function ready(): Extract<typeof wine, { kind: 'ready' }> {
  if (wine.kind === 'missing') throw new Error(wine.reason);
  return wine;
}

/** Folders of Windows as paths of this computer. */
export const folders = {
  get profile(): string {
    return join(ready().prefix, 'drive_c', 'users', 'lab');
  },
  get programData(): string {
    return join(ready().prefix, 'drive_c', 'ProgramData');
  },
  get settings(): string {
    return join(this.profile, 'AppData', 'Roaming', 'vllm-tray', 'Config');
  },
};

export const nodeForWindows = (): string => ready().nodeExe;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  out(): string;
  err(): string;
  /** As Ctrl-C does. */
  interrupt(): void;
  readonly ended: Promise<Ended>;
}

export interface StartOptions {
  /** Added to the environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Searched for programs first. */
  readonly path?: readonly string[];
}

const children = new Set<ChildProcess>();
let outputs: string | null = null;
let count = 0;
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  if (outputs !== null) rmSync(outputs, { recursive: true, force: true });
});

/** Starts one of the built programs; what still runs when the test is over is ended. */
export function startOnWindows(
  program: 'cli' | 'web',
  args: readonly string[],
  { env = {}, path = [] }: StartOptions = {},
): Running {
  const { wine: loader, nodeExe, prefix } = ready();
  const main = fileURLToPath(new URL(`../../dist/${program}/main.mjs`, import.meta.url));
  count += 1;
  // Not before it is needed: where all tests are skipped nothing would remove it.
  const folder = outputs ?? mkdtempSync(join(tmpdir(), 'vllm-tray-wine-out-'));
  outputs = folder;
  // Pipes of this computer are no pipes there, but files are files.
  const files = { out: join(folder, `${count}.out`), err: join(folder, `${count}.err`) };
  const child = spawn(loader, [nodeExe, windowsPath(main), ...args], {
    cwd: folder,
    env: { ...wineEnv(prefix, path), ...env },
    stdio: ['ignore', openSync(files.out, 'w'), openSync(files.err, 'w')],
  });
  children.add(child);
  const text = (file: string) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  const ended = new Promise<Ended>((resolve) => {
    child.once('exit', (code) => {
      children.delete(child);
      resolve({ code, out: text(files.out), err: text(files.err) });
    });
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    out: () => text(files.out),
    err: () => text(files.err),
    interrupt: () => void child.kill('SIGINT'),
    ended,
  };
}

/** Runs the command to its end. */
export function vllmTray(args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  return startOnWindows('cli', args, options).ended;
}

/** Waits until it has printed this, and returns the first group, or the whole. */
export async function printed(running: Running, pattern: RegExp): Promise<string> {
  const stopped = running.ended.then(({ code, out, err }) => {
    throw new Error(`it ended with ${code}: ${out}${err}`);
  });
  stopped.catch(() => undefined);
  const found = vi.waitUntil(() => pattern.exec(running.out()), { timeout: 60_000, interval: 50 });
  const [whole, group] = await Promise.race([found, stopped]);
  return group ?? whole;
}

export function makeFolder(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}
