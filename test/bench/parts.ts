/** The processes that a bench measures: parts of it, and ssh. They end with it. */

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, type Sshd, startSshd } from '../support/ssh/sshd.ts';

const children: ChildProcess[] = [];

/** Runs a bench on an sshd of its own, with a folder, and ends what it has started. */
export async function benchOnSshd(
  name: string,
  bench: (sshd: Sshd, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), `vt-bench-${name}-`));
  const sshd = await startSshd();
  try {
    await bench(sshd, folder);
  } finally {
    const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const ended = running.map((child) => once(child, 'exit'));
    for (const child of running) child.kill();
    await Promise.all(ended);
    await sshd.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts a program of the bench; `answer` is the first message that it sends. */
export async function startPart<Answer>(
  name: string,
  args: readonly string[],
): Promise<{ readonly answer: Answer; readonly pid: number }> {
  const child = fork(fileURLToPath(new URL(`${name}.mjs`, import.meta.url)), args);
  children.push(child);
  const [answer] = await once(child, 'message');
  return { answer, pid: child.pid ?? 0 };
}

export interface SshForward {
  readonly config: string;
  readonly alias: string;
  readonly targetPort: number;
  readonly options?: readonly string[];
  /** Asks what stands behind the local port; rejects while nothing answers there. */
  readonly ask: (port: number) => Promise<unknown>;
}

/** `ssh -L` to a port of the sshd, once it carries requests. */
export async function startSshForward(
  forward: SshForward,
): Promise<{ readonly port: number; readonly pid: number }> {
  const { config, alias, targetPort, options = [], ask } = forward;
  const port = await freePort();
  const target = `127.0.0.1:${port}:127.0.0.1:${targetPort}`;
  const child = spawn('ssh', ['-F', config, '-N', ...options, '-L', target, alias], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.push(child);
  for (;;) {
    const answers = await ask(port).then(
      () => true,
      () => false,
    );
    if (answers) return { port, pid: child.pid ?? 0 };
    await delay(50);
  }
}
