/** The WebSockets of the browser face: frames in, replies and patches out, and nothing piles up for a client that stalls. */

import type { WebSocket } from 'ws';
import * as z from 'zod/mini';
import { answer, type Reply } from '#common/answer.ts';
import type { Handlers, PushPayload } from '#common/contract.ts';
import { after, every } from '#common/timer.ts';
import type { Log } from '#engine/diagnostics/log.ts';

export interface HubDeps {
  readonly handlers: Handlers;
  readonly subscribe: (listener: (patch: PushPayload<'patch'>) => void) => () => void;
  readonly log: Log;
  /** Called with the number of connected clients whenever it changes. */
  readonly onClients: (count: number) => void;
  /** A client that has not answered a ping when the next one is due is dropped. */
  readonly heartbeatMs: number;
  /** Patches are not sent to a client with more than this still to be read. */
  readonly maxBufferedBytes: number;
}

export interface Hub {
  add(socket: WebSocket): void;
  /** Says goodbye to every client; resolves when all are gone, within half a second. */
  close(): Promise<void>;
}

/** One request of a client; the answer is `{id, reply}`. */
const requestFrame = z.strictObject({
  id: z.union([z.int(), z.string().check(z.maxLength(64))]),
  name: z.string().check(z.maxLength(100)),
  input: z.optional(z.unknown()),
});

// RFC 6455, section 7.4.1.
const closeCodes = { goingAway: 1001, unsupportedData: 1003, policyViolation: 1008 } as const;

const goodbyeMs = 500;

/** Of one client's requests, so many are under way; the next ones wait unread. The window asks a handful at once. */
const mostInFlight = 32;

interface Client {
  readonly socket: WebSocket;
  alive: boolean;
  /** The latest patch that was held back. Sent once there is room, it makes the client notice the gap. */
  held: string | null;
  /** Requests that were read and not begun. */
  readonly waiting: string[];
  /** Requests that were begun and whose replies are not on their way. */
  inFlight: number;
  /** Replies for which there was no room; as values, which share what they show with the Snapshot. */
  readonly replies: { readonly id: number | string; readonly reply: Reply }[];
}

export function createHub(deps: HubDeps): Hub {
  const clients = new Set<Client>();
  const isStalled = ({ socket }: Client) => socket.bufferedAmount > deps.maxBufferedBytes;

  const send = (client: Client, frame: string): void => {
    client.socket.send(frame, (error) => {
      if (!error) advance(client);
    });
  };

  /** Does what there is room for: replies first, then requests that wait, then the patch that was held back. */
  const advance = (client: Client): void => {
    const { socket, waiting, replies } = client;
    while (!isStalled(client) && socket.readyState === socket.OPEN) {
      const done = replies.shift();
      if (done !== undefined) {
        client.inFlight -= 1;
        send(client, JSON.stringify(done));
        continue;
      }
      const request = client.inFlight < mostInFlight ? waiting.shift() : undefined;
      if (request === undefined) break;
      void begin(client, request);
    }
    // Nothing more is read while requests wait: the client's own system holds them then.
    if (waiting.length > 0) socket.pause();
    else if (socket.isPaused) socket.resume();
    if (client.held === null || isStalled(client)) return;
    const { held } = client;
    client.held = null;
    send(client, held);
  };

  const begin = async (client: Client, data: string): Promise<void> => {
    const frame = parseFrame(data);
    if (frame === null) {
      client.socket.close(closeCodes.policyViolation, 'not a request frame');
      return;
    }
    client.inFlight += 1;
    const reply = await answer(deps.handlers, frame.name, frame.input);
    client.replies.push({ id: frame.id, reply });
    advance(client);
  };

  const unsubscribe = deps.subscribe((patch) => {
    if (clients.size === 0) return;
    const frame = JSON.stringify({ push: 'patch', payload: patch });
    for (const client of clients) {
      if (isStalled(client)) client.held = frame;
      else send(client, frame);
    }
  });

  let closed = false;
  const heartbeat = every(deps.heartbeatMs, () => {
    for (const client of clients) {
      // One that is not read from, because its requests take their time, cannot answer a ping.
      if (!client.alive && (!client.socket.isPaused || isStalled(client))) {
        client.socket.terminate();
        continue;
      }
      client.alive = false;
      client.socket.ping();
    }
  });

  return {
    add(socket) {
      // A request that was under way while the server closed.
      if (closed) return socket.terminate();
      const client: Client = { socket, alive: true, held: null, waiting: [], inFlight: 0, replies: [] };
      clients.add(client);
      deps.onClients(clients.size);
      socket.on('message', (data, isBinary) => {
        if (isBinary) return socket.close(closeCodes.unsupportedData, 'text frames only');
        client.waiting.push(data.toString());
        advance(client);
      });
      socket.on('pong', () => {
        client.alive = true;
      });
      // ws closes the socket; without a listener its error would end the process.
      socket.on('error', (error) => deps.log('warn', `browser connection: ${error.message}`));
      socket.on('close', () => {
        clients.delete(client);
        deps.onClients(clients.size);
      });
    },
    async close() {
      closed = true;
      heartbeat.cancel();
      unsubscribe();
      await Promise.all([...clients].map(({ socket }) => sayGoodbye(socket)));
    },
  };
}

function sayGoodbye(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const giveUp = after(goodbyeMs, () => socket.terminate());
    socket.once('close', () => {
      giveUp.cancel();
      resolve();
    });
    socket.close(closeCodes.goingAway, 'vllm-tray has stopped');
  });
}

function parseFrame(data: string): z.infer<typeof requestFrame> | null {
  try {
    return z.parse(requestFrame, JSON.parse(data));
  } catch {
    // Not JSON or not a request: both are the client's fault, and the caller closes it.
    return null;
  }
}
