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
import { browserSocket } from '#common/browser-socket.ts';
import type { Handlers, PushPayload } from '#common/contract.ts';
import { AppError } from '#common/failure.ts';
import { isOutOfFiles } from '#common/open-files.ts';
import type { Log } from '#engine/diagnostics/log.ts';
import { createConnectionCap, openFilesLimit } from '#engine/forward/connection-cap.ts';
import type { Refusal } from '#engine/loopback/address.ts';
import { newToken } from '#engine/loopback/tokens.ts';
import { createGuard, type Guard } from './guard.ts';
import { createHub, type Hub } from './hub.ts';
import { readStaticFiles, type StaticFile, withKey } from './static-files.ts';

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
  /** See {@link createGuard}. */
  readonly keepKey?: boolean;
  /** How long a ticket is good; default: see {@link createGuard}. */
  readonly ticketMs?: number;
  /** A ticket that was used came again. */
  readonly onTicketReused?: () => void;
  /** Too many connections without the key came at once, and some were cut; called once. */
  readonly onConnectionsCut?: () => void;
  readonly onClients?: (count: number) => void;
  readonly heartbeatMs?: number;
  readonly maxBufferedBytes?: number;
}

export interface TicketAddress {
  readonly url: string;
  /** Resolves when it is good for nothing any more: it was used, or its time is over. */
  readonly ended: Promise<void>;
}

export interface WebServer {
  /** The address to open, with the token. */
  readonly url: string;
  readonly port: number;
  /** An address that works once and soon, for the browser that the app opens. */
  ticket(): TicketAddress;
  /** Resolves when no connection is left. Safe to call twice. */
  close(): Promise<void>;
}

/** What a browser may send in one frame: settings to import, or ten thousand names of hosts, take some megabytes. */
const maxFrameBytes = 8 * 1024 * 1024;

/** Of the browser face: a browser opens six for a page, and one for its socket. */
const mostConnections = 128;
/** A request is a few hundred bytes; who takes longer to write it, here or through a tunnel, is none of ours. */
const patience = { headersTimeout: 5000, requestTimeout: 10_000, connectionsCheckingInterval: 1000 };
const stillMs = 30_000;

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
  const { keepKey, ticketMs, onTicketReused } = deps;
  const guard = createGuard({ token, keepKey, ticketMs, onTicketReused });
  const http = createServer(patience, (request, response) => respond({ guard, files }, request, response));
  const members = capConnections(http, deps);
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
    // Never the key, which is offered beside it.
    handleProtocols: (offered) => (offered.has(browserSocket.protocol) ? browserSocket.protocol : false),
  });
  http.on('upgrade', (request, socket, head) => {
    const refusal = refuseUpgrade(guard, request);
    if (refusal !== null) return refuseSocket(socket, refusal);
    members.add(socket);
    sockets.handleUpgrade(request, socket, head, hub.add);
  });
  const address = (key: string) => `http://127.0.0.1:${port}/?token=${key}`;
  let closed: Promise<void> | undefined;
  return {
    url: address(token),
    port,
    ticket() {
      const { token: ticket, ended } = guard.issueTicket();
      return { url: address(ticket), ended };
    },
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
    if (isOutOfFiles(cause)) throw cause;
    throw new AppError('internal', { detail: `the window is not built: no ${directory}`, cause });
  }
}

/**
 * Keeps connections within bounds until they have the key, and the server alive where no more files can be opened.
 * Returns those that have it, for which others are cut.
 */
function capConnections(http: Server, { log, onConnectionsCut }: WebServerDeps): WeakSet<Duplex> {
  const members = new WeakSet<Duplex>();
  const cap = createConnectionCap({
    most: Math.max(8, Math.min(mostConnections, Math.floor(openFilesLimit() / 8))),
    isKnown: (socket) => members.has(socket),
    ...(onConnectionsCut !== undefined && { onCut: onConnectionsCut }),
  });
  http.on('connection', (socket) => void cap.admit(socket));
  http.on('error', (error) => log('warn', `browser face: ${error.message}`));
  // A page that is slow to read has time, a connection over which nothing moves has not.
  http.setTimeout(stillMs);
  return members;
}

function listen(http: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      if (isOutOfFiles(error)) return reject(error);
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
  const { path, token, challenge } = target(request);
  const foreign = guard.refuseAddress(request.headers, 'page');
  if (foreign !== null) return sentence(foreign.status, foreign.why);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return sentence(405, 'Only GET is answered here.', { Allow: 'GET, HEAD' });
  if (path === browserSocket.proofPath) {
    const proof = guard.prove(challenge, request.headers);
    return proof === null ? sentence(400, 'This is no challenge.') : { ...sentence(200, ''), body: proof };
  }
  const file = files.get(path);
  if (path === '/' && token !== null && file !== undefined) {
    const admission = guard.admit(token);
    return 'why' in admission
      ? sentence(admission.status, admission.why)
      : { status: 200, headers: file.headers, body: withKey(file.content, admission.key) };
  }
  // The window itself is no secret: without the key it shows nothing.
  if (file === undefined) return sentence(404, 'There is nothing at this address.');
  return { status: 200, headers: file.headers, body: file.content };
}

function sentence(status: number, text: string, headers: Record<string, string> = {}): Answer {
  const plain = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };
  return { status, headers: { ...headers, ...plain }, body: `${text}\n` };
}

/** The path as it came, undecoded: it is only looked up. */
function target(request: IncomingMessage) {
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  const given = new URLSearchParams(query);
  return { path, token: given.get('token'), challenge: given.get('challenge') ?? '' };
}

function refuseUpgrade(guard: Guard, request: IncomingMessage): Refusal | null {
  if (target(request).path !== browserSocket.path)
    return { status: 403, why: 'There is no socket at this address.' };
  return guard.refuseAddress(request.headers, 'socket') ?? guard.refuseKey(request.headers);
}

function refuseSocket(socket: Duplex, { status, why }: Refusal): void {
  // The refused client may be gone before the answer is.
  socket.on('error', () => undefined);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: text/plain; charset=utf-8',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${why}\n`, () => socket.destroy());
}
