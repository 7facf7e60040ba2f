import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Handlers, PushPayload } from '#common/contract.ts';
import { AppError } from '#common/errors.ts';
import type { Log } from '#engine/log.ts';
import { createGuard, type Guard, newToken, type Refusal } from './guard.ts';
import { createHub, type Hub } from './hub.ts';
import { readStaticFiles, type StaticFile } from './static-files.ts';

export interface WebServerDeps {
  readonly handlers: Handlers;
  readonly subscribe: (listener: (patch: PushPayload<'patch'>) => void) => () => void;
  /** The folder of the built window. */
  readonly rendererDir: string;
  readonly log: Log;
  /** Default: any free one. */
  readonly port?: number;
  /** Default: a random one of 256 bits. */
  readonly token?: string;
  readonly onClients?: (count: number) => void;
  readonly heartbeatMs?: number;
  readonly maxBufferedBytes?: number;
}

export interface WebServer {
  /** The address to open, with the token. */
  readonly url: string;
  readonly port: number;
  /** An address that works once, for handing to a program on its command line. */
  ticketUrl(): string;
  /** Resolves when no connection is left. Safe to call twice. */
  close(): Promise<void>;
}

const socketPath = '/socket';
/** What a browser may send in one frame: settings to import, or ten thousand names of hosts, take some megabytes. */
const maxFrameBytes = 8 * 1024 * 1024;

const securityHeaders = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/**
 * Serves the window and its WebSocket on 127.0.0.1 and nowhere else.
 * Errors: `port-in-use`, `port-forbidden`; `internal` when the window is not built.
 */
export async function startWebServer(deps: WebServerDeps): Promise<WebServer> {
  const files = await readWindow(deps.rendererDir);
  const token = deps.token ?? newToken();
  const guard = createGuard(token);
  const http = createServer((request, response) => respond({ guard, files }, request, response));
  const port = await listen(http, deps.port ?? 0);
  const hub = createHub({
    handlers: deps.handlers,
    subscribe: deps.subscribe,
    log: deps.log,
    onClients: deps.onClients ?? (() => undefined),
    heartbeatMs: deps.heartbeatMs ?? 30_000,
    maxBufferedBytes: deps.maxBufferedBytes ?? 1024 * 1024,
  });
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: maxFrameBytes,
    perMessageDeflate: false,
  });
  http.on('upgrade', (request, socket, head) => {
    const refusal = refuseUpgrade(guard, request);
    if (refusal === null) sockets.handleUpgrade(request, socket, head, hub.add);
    else refuseSocket(socket, refusal);
  });
  const address = (key: string) => `http://127.0.0.1:${port}/?token=${key}`;
  let closed: Promise<void> | undefined;
  return {
    url: address(token),
    port,
    ticketUrl: () => address(guard.issueTicket()),
    close() {
      closed ??= closeAll(http, hub);
      return closed;
    },
  };
}

async function closeAll(http: Server, hub: Hub): Promise<void> {
  const ended = new Promise((resolve) => http.close(resolve));
  await hub.close();
  http.closeAllConnections();
  await ended;
}

async function readWindow(directory: string): Promise<ReadonlyMap<string, StaticFile>> {
  try {
    return await readStaticFiles(directory);
  } catch (cause) {
    throw new AppError('internal', { detail: `the window is not built: no ${directory}`, cause });
  }
}

function listen(http: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const code =
        error.code === 'EADDRINUSE' ? 'port-in-use' : error.code === 'EACCES' ? 'port-forbidden' : 'internal';
      reject(new AppError(code, { detail: error.message, cause: error }));
    });
    http.listen({ host: '127.0.0.1', port }, () => resolve((http.address() as AddressInfo).port));
  });
}

interface Site {
  readonly guard: Guard;
  readonly files: ReadonlyMap<string, StaticFile>;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

function respond(site: Site, request: IncomingMessage, response: ServerResponse): void {
  const { status, headers, body } = answerFor(site, request);
  response.writeHead(status, {
    ...securityHeaders,
    ...headers,
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function answerFor({ guard, files }: Site, request: IncomingMessage): Answer {
  const { path, token } = target(request);
  const foreign = guard.refuseAddress(request.headers, 'page');
  if (foreign !== null) return sentence(foreign.status, foreign.why);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return sentence(405, 'Only GET is answered here.', { Allow: 'GET, HEAD' });
  if (path === '/' && token !== null) {
    const admission = guard.admit(request.headers, token);
    return 'why' in admission
      ? sentence(admission.status, admission.why)
      : sentence(303, 'Go on to /.', { Location: '/', 'Set-Cookie': admission.cookie });
  }
  const stranger = guard.refuseCookie(request.headers);
  if (stranger !== null) return sentence(stranger.status, stranger.why);
  const file = files.get(path);
  if (file === undefined) return sentence(404, 'There is nothing at this address.');
  return { status: 200, headers: file.headers, body: file.content };
}

function sentence(status: number, text: string, headers: Record<string, string> = {}): Answer {
  const plain = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };
  return { status, headers: { ...headers, ...plain }, body: `${text}\n` };
}

/** The path as it came, undecoded: it is only looked up. */
function target(request: IncomingMessage): { readonly path: string; readonly token: string | null } {
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  return { path, token: new URLSearchParams(query).get('token') };
}

function refuseUpgrade(guard: Guard, request: IncomingMessage): Refusal | null {
  if (target(request).path !== socketPath) return { status: 403, why: 'There is no socket at this address.' };
  return guard.refuseAddress(request.headers, 'socket') ?? guard.refuseCookie(request.headers);
}

function refuseSocket(socket: Duplex, { status, why }: Refusal): void {
  // Whoever was refused may be gone before the answer is.
  socket.on('error', () => undefined);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: text/plain; charset=utf-8',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${why}\n`, () => socket.destroy());
}
