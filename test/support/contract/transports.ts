/** The contract's carriers, each the real thing: in one process, over structured clone as IPC does it, over a WebSocket. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import WebSocket from 'ws';
import { answer, type Reply } from '#common/answer.ts';
import type { Transport } from '#common/bridge.ts';
import { startWebServer } from '../../../main/web/server.ts';
import { createWebSocketTransport, type Socket } from '../../../renderer/transport/web-socket.ts';
import { directTransport } from './direct-transport.ts';
import type { Sample } from './sample.ts';

export interface Carrier {
  readonly transport: Transport;
  close(): Promise<void>;
}

export const carriers: Readonly<Record<string, (sample: Sample) => Promise<Carrier>>> = {
  'direct handlers': async (sample) => ({
    transport: directTransport(sample.handlers, sample.subscribe),
    close: async () => undefined,
  }),
  'structured clone': messagePorts,
  WebSocket: webSocket,
};

/** Two ports with nothing but structured clone between them: what IPC does to a message, without Electron. */
async function messagePorts(sample: Sample): Promise<Carrier> {
  const { port1: ui, port2: host } = new MessageChannel();
  host.on('message', async ({ id, name, input }) =>
    host.postMessage({ id, reply: await answer(sample.handlers, name, input) }),
  );
  const unsubscribe = sample.subscribe((payload) => host.postMessage({ push: 'patch', payload }));
  const waiting = new Map<number, (reply: Reply) => void>();
  const listeners = new Set<(payload: unknown) => void>();
  ui.on('message', ({ id, reply, payload }) => {
    if (reply !== undefined) waiting.get(id)?.(reply);
    else for (const listener of listeners) listener(payload);
  });
  return {
    transport: {
      request(name, input) {
        const id = waiting.size;
        ui.postMessage({ id, name, input });
        return new Promise((resolve) => waiting.set(id, resolve));
      },
      on(_name, listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      onLink: () => () => undefined,
    },
    async close() {
      unsubscribe();
      ui.close();
    },
  };
}

/** The browser face's own server and the window's own client, with a real socket between them. */
async function webSocket(sample: Sample): Promise<Carrier> {
  const rendererDir = await mkdtemp(path.join(tmpdir(), 'vllm-tray-contract-'));
  await writeFile(path.join(rendererDir, 'index.html'), '<!doctype html>');
  const server = await startWebServer({ ...sample, rendererDir, log: () => undefined });
  const enter = await entrance(server.url);
  // The socket of `ws` is a browser's in all that the client uses.
  const createSocket = () => enter() as unknown as Socket;
  const transport = createWebSocketTransport({ url: server.url, key: () => null, createSocket });
  await new Promise<void>((resolve) => {
    transport.onLink((state) => state === 'open' && resolve());
  });
  return {
    transport,
    async close() {
      transport.close();
      await server.close();
      await rm(rendererDir, { recursive: true });
    },
  };
}

/** Goes in by the printed address as a browser does; returns what opens sockets with the key that the page was given. */
export async function entrance(url: string): Promise<() => WebSocket> {
  const { origin } = new URL(url);
  const key = keyIn(await (await fetch(url)).text());
  return () => new WebSocket(`${origin.replace('http', 'ws')}/socket`, ['vllm-tray', key], { origin });
}

/** The key to the socket that a page carries; none reads like no key. */
export function keyIn(page: string): string {
  return /<meta name="vllm-tray-key" content="([\w-]+)">/.exec(page)?.[1] ?? 'none';
}
