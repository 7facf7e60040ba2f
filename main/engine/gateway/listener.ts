import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { after } from '#common/timer.ts';
import { createConnectionCap, openFilesLimit } from '../forward/connection-cap.ts';
import { closeListener, listenWith } from '../forward/local-port.ts';
import { refuse } from './access.ts';
import { type ApiError, errorAnswer, styleOf } from './errors.ts';

export interface ListenerDeps {
  readonly port: number;
  /** The key that requests must carry, as it is now. */
  readonly key: () => string;
  /** A request that carries the key. With `expects` its client sends the body only after a 100 Continue. */
  readonly onRequest: (request: IncomingMessage, response: ServerResponse, expects: boolean) => void;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** A request that was refused: it is logged. */
  readonly onRefused: (request: IncomingMessage, error: ApiError) => void;
  readonly onError: (error: Error) => void;
}

export interface GatewayListener {
  /** Cuts the connections of clients, whose key is not the right one any more. */
  cutAll(): void;
  /** Resolves when the port is free and no connection is left. */
  close(): Promise<void>;
}

/** Streams at once: two hundred of one person, and as many of a batch. */
const mostConnections = 1024;
/** A client that needs longer for its headers, or says nothing at all, is cut. Bodies have the patience of the relay. */
const patience = {
  headersTimeout: 10_000,
  requestTimeout: 0,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 60_000,
  maxHeaderSize: 65_536,
};
const silenceMs = 15_000;

/**
 * Listens on 127.0.0.1 and ::1 and hands on the requests that carry the key, under a loopback name and from no page of another
 * site. Errors: `port-in-use`, `port-forbidden`, `open-files`.
 */
export async function openListener(deps: ListenerDeps): Promise<GatewayListener> {
  const members = new WeakSet<Duplex>();
  const open = new Set<Duplex>();
  const cap = createConnectionCap({
    most: Math.max(64, Math.min(mostConnections, Math.floor(openFilesLimit() / 2))),
    isKnown: (socket) => members.has(socket),
  });
  const admit = (socket: Socket): void => {
    if (!cap.admit(socket)) return;
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  const server = (): Server => createGatewayServer(deps, { members, admit });
  const listener = await listenWith(deps.port, server);
  for (const one of listener.servers) one.on('error', deps.onError);
  const cutAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    cutAll,
    async close() {
      const closed = closeListener(listener);
      cutAll();
      await closed;
    },
  };
}

interface Door {
  /** Connections over which a request with the key has come: they are not cut in favour of new ones. */
  readonly members: WeakSet<Duplex>;
  readonly admit: (socket: Socket) => void;
}

function createGatewayServer(deps: ListenerDeps, { members, admit }: Door): Server {
  const enter = (request: IncomingMessage): ApiError | null => {
    const error = refuse(request.headers, deps.key()) ?? refuseTarget(request.url);
    if (error === null) members.add(request.socket);
    else deps.onRefused(request, error);
    return error;
  };
  const handle = (request: IncomingMessage, response: ServerResponse, expects: boolean): void => {
    const error = enter(request);
    if (error === null) {
      // A model may think for minutes without a word.
      request.socket.setTimeout(0);
      deps.onRequest(request, response, expects);
    } else sendError(request, response, error);
  };
  const server = createServer({ ...patience, allowHalfOpen: true } as object);
  server.on('request', (request, response) => handle(request, response, false));
  server.on('checkContinue', (request, response) => handle(request, response, true));
  server.on('upgrade', (request, socket, head) => {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      askAgain(server, request, socket as Socket, head);
      return;
    }
    const error = enter(request);
    if (error === null) (socket as Socket).setTimeout(0);
    return error === null ? deps.onUpgrade(request, socket, head) : endUpgrade(request, socket, error);
  });
  server.on('connection', admit);
  server.setTimeout(silenceMs);
  return server;
}

/**
 * A wish for a protocol that is not known here is no reason to refuse a request (RFC 9110, 7.8), and Java's client expresses one
 * with every request: it is read once more, without the wish. Node's server puts its listeners on the connection another time for
 * that, so it is the last request there.
 */
function askAgain(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const dropped = new Set(['connection', 'upgrade', 'http2-settings']);
  const lines = rawHeaders.flatMap((name, at) =>
    at % 2 === 0 && !dropped.has(name.toLowerCase()) ? [`${name}: ${rawHeaders[at + 1]}`] : [],
  );
  const text = `${method} ${url} HTTP/${httpVersion}\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`;
  socket.unshift(Buffer.concat([Buffer.from(text, 'latin1'), head]));
  server.emit('connection', socket);
}

/** A proxy would be asked for a whole address; the gateway leads to model servers alone. */
function refuseTarget(url = ''): ApiError | null {
  if (url.startsWith('/')) return null;
  return {
    status: 400,
    code: 'bad_target',
    message: 'The gateway is no proxy: ask it for a path such as /v1/models.',
  };
}

/** Answers with an error of the gateway's own. */
export function sendError(request: IncomingMessage, response: ServerResponse, error: ApiError): void {
  const { headers, body } = errorAnswer(error, styleOf(pathOf(request)));
  response.writeHead(error.status, headers);
  response.end(request.method === 'HEAD' ? undefined : body);
  discardBody(request);
}

const mostDiscarded = 16 * 1024 * 1024;
const discardMs = 5000;

/** A client that still sends its body would not see the answer if the connection was closed under it. */
function discardBody(request: IncomingMessage): void {
  if (request.complete) return;
  const cut = (): void => void request.socket.destroy();
  const timer = after(discardMs, cut);
  request.once('close', timer.cancel);
  let left = mostDiscarded;
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) cut();
  });
}

/** The same where the connection was to be upgraded; it is closed. */
export function endUpgrade(request: IncomingMessage, socket: Duplex, error: ApiError): void {
  const { headers, body } = errorAnswer(error, styleOf(pathOf(request)));
  const lines = Object.entries({ ...headers, connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${error.status} Refused\r\n${lines.join('\r\n')}\r\n\r\n${body}`, () =>
    socket.destroy(),
  );
}

/** The path of a request without its query, as it came. */
export function pathOf({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  return url.split('?', 1)[0] ?? '/';
}
