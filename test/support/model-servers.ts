import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
} from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';

async function listen(server: Server, host: string): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A real HTTP server on a free port, gone after the test; without `onUpgrade` it knows no other protocol. */
export function httpServer(
  handler: RequestListener,
  host = '127.0.0.1',
  onUpgrade?: UpgradeListener,
): Promise<number> {
  const server = createHttpServer(handler);
  if (onUpgrade !== undefined) server.on('upgrade', onUpgrade);
  return listen(server, host);
}

/** A real TCP server that speaks whatever the listener writes. */
export function tcpServer(listener: (socket: Socket) => void): Promise<number> {
  return listen(
    createTcpServer((socket) => {
      socket.on('error', () => undefined);
      listener(socket);
    }),
    '127.0.0.1',
  );
}

/** An answer of a server that stands for an engine: JSON with status 200, or what is written here. */
export interface Page {
  readonly status?: number;
  readonly body: unknown;
  readonly headers?: OutgoingHttpHeaders;
}

export interface Engine {
  readonly handler: RequestListener;
  /** The paths that were asked for, in their order. */
  readonly asked: string[];
  /** What it answers from now on at these paths. */
  set(pages: Readonly<Record<string, Page>>): void;
}

/** Answers these paths, and any other one with `missing`. */
export function engine(
  pages: Readonly<Record<string, Page>>,
  missing: Page = { status: 404, body: { detail: 'Not Found' } },
): Engine {
  const all = new Map(Object.entries(pages));
  const asked: string[] = [];
  return {
    asked,
    set(more) {
      for (const [path, page] of Object.entries(more)) all.set(path, page);
    },
    handler(request, response) {
      const path = request.url ?? '';
      asked.push(path);
      const { status = 200, body, headers } = all.get(path) ?? missing;
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    },
  };
}

export const page = (body: unknown): Page => ({ body });

export const list = (...data: readonly object[]): Page => page({ object: 'list', data });

/** Answers like vLLM: the list and the version, 404 for all else. */
export function vllm(id: string, version = '0.8.4'): RequestListener {
  return engine({
    '/v1/models': list({ id, object: 'model', owned_by: 'vllm', max_model_len: 8192 }),
    '/version': page({ version }),
  }).handler;
}

/** Answers every path with this. */
export function always(
  status: number,
  body: string,
  contentType = 'text/html; charset=utf-8',
): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': contentType });
    response.end(body);
  };
}
