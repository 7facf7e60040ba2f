/** Programs that listen on this computer, as processes of their own. */

import { spawn } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';

/** The ports that this process's own connections come from. */
const ownPorts = new Set<number>();
subscribe('net.client.socket', (message) => {
  const { socket } = message as { readonly socket: Socket };
  socket.once('connect', () => ownPorts.add(socket.localPort ?? 0));
});

const isOwn = (line: string): boolean => ownPorts.has(Number.parseInt(line, 10));

/** See other-program.mjs. */
export const programScript = fileURLToPath(new URL('other-program.mjs', import.meta.url));

export interface Program {
  readonly pid: number;
  readonly port: number;
  /** The paths that this process has asked it for until now: other programs of the computer may ask, too. */
  asked(): Promise<readonly string[]>;
}

/** `silent` accepts and never answers; `llama-server` is a model server; gone after the test. See other-program.mjs. */
export async function startProgram(name: string, from: number): Promise<Program> {
  const child = spawn(process.execPath, [programScript, name, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  onTestFinished(async () => {
    child.kill();
    await closed;
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const lines = () => printed.split('\n').slice(0, -1);
  await expect.poll(() => lines().length, { timeout: 20_000 }).toBe(1);
  const port = Number(lines()[0]);
  let marks = 0;
  return {
    pid: child.pid ?? 0,
    port,
    async asked() {
      // What it was asked before is printed before this.
      marks += 1;
      const mark = `/mark-${marks}`;
      const ended = new AbortController();
      const asking = fetch(`http://127.0.0.1:${port}${mark}`, {
        headers: { connection: 'close' },
        signal: ended.signal,
      }).catch(() => null);
      const paths = () =>
        lines()
          .slice(1)
          .filter(isOwn)
          .map((line) => line.replace(/^\d+ /, ''));
      await expect.poll(paths, { timeout: 20_000 }).toContain(mark);
      ended.abort();
      await asking;
      return paths().filter((path) => !path.startsWith('/mark-'));
    },
  };
}
