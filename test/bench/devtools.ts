import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebSocket } from 'ws';

/**
 * A page in a Chromium of its own, spoken to by the DevTools protocol alone. Playwright also reads every WebSocket message of a
 * page, which costs the page more than the messages do.
 */
export interface DevtoolsPage {
  /** Rejects with the browser's text where it refuses. */
  send(method: string, params?: object): Promise<Record<string, unknown>>;
  on(method: string, listener: (params: Record<string, unknown>) => void): void;
  /** The value of an expression, awaited. */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

export interface DevtoolsBrowser {
  readonly version: string;
  open(url: string): Promise<DevtoolsPage>;
  close(): Promise<void>;
}

export async function startDevtools(executable: string, args: readonly string[]): Promise<DevtoolsBrowser> {
  const profile = mkdtempSync(path.join(tmpdir(), 'vllm-tray-bench-'));
  const child = spawn(
    executable,
    ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`, ...args, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const port = await portOf(child);
  const http = `http://127.0.0.1:${port}/json`;
  const about = (await (await fetch(`${http}/version`)).json()) as { readonly Browser: string };
  return {
    version: about.Browser,
    async open(url) {
      const target = await (await fetch(`${http}/new?about:blank`, { method: 'PUT' })).json();
      const { webSocketDebuggerUrl, id } = target as { webSocketDebuggerUrl: string; id: string };
      const page = await connect(webSocketDebuggerUrl, () => fetch(`${http}/close/${id}`));
      await page.send('Page.enable');
      await page.send('Emulation.setDeviceMetricsOverride', {
        width: 1280,
        height: 800,
        deviceScaleFactor: 1,
        mobile: false,
      });
      await page.send('Page.navigate', { url });
      return page;
    },
    async close() {
      const ended = once(child, 'close');
      child.kill();
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function portOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said += chunk;
      const port = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(port);
    });
    child.once('close', () => reject(new Error(`Chromium did not start: ${said}`)));
  });
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

async function connect(url: string, onClose: () => Promise<unknown>): Promise<DevtoolsPage> {
  const socket = new WebSocket(url, { maxPayload: 0 });
  await once(socket, 'open');
  const pending = new Map<number, (message: Message) => void>();
  const listeners = new Map<string, (params: Record<string, unknown>) => void>();
  let nextId = 1;
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString()) as Message;
    if (message.id !== undefined) pending.get(message.id)?.(message);
    else if (message.method !== undefined) listeners.get(message.method)?.(message.params ?? {});
  });
  const send: DevtoolsPage['send'] = async (method, params = {}) => {
    const id = nextId;
    nextId += 1;
    const answer = new Promise<Message>((resolve) => pending.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params }));
    const { error, result = {} } = await answer;
    pending.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  return {
    send,
    on: (method, listener) => listeners.set(method, listener),
    async evaluate(expression) {
      const answer = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails));
      return (answer.result as { readonly value?: unknown }).value;
    },
    async close() {
      await onClose();
      socket.close();
    },
  };
}
