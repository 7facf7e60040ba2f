/** The WebSockets of the browser face: frames in, replies and patches out, and nothing piles up for a client that stalls. */

import type { WebSocket } from 'ws';
import * as z from 'zod/mini';
import { answer } from '#common/answer.ts';
import type { Handlers, PushPayload } from '#common/contract.ts';
import type { Log } from '#engine/log.ts';

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

interface Client {
  readonly socket: WebSocket;
  alive: boolean;
  /** The latest patch that was held back. Sent once there is room, it makes the client notice the gap. */
  held: string | null;
}

export function createHub(deps: HubDeps): Hub {
  const clients = new Set<Client>();

  const send = (client: Client, frame: string): void => {
    client.socket.send(frame, (error) => {
      if (error || client.held === null || isStalled(client)) return;
      const { held } = client;
      client.held = null;
      send(client, held);
    });
  };
  const isStalled = ({ socket }: Client) => socket.bufferedAmount > deps.maxBufferedBytes;

  const receive = async (client: Client, data: string): Promise<void> => {
    const frame = parseFrame(data);
    if (frame === null) {
      client.socket.close(closeCodes.policyViolation, 'not a request frame');
      return;
    }
    const reply = await answer(deps.handlers, frame.name, frame.input);
    if (client.socket.readyState === client.socket.OPEN)
      send(client, JSON.stringify({ id: frame.id, reply }));
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
  const heartbeat = setInterval(() => {
    for (const client of clients) {
      if (!client.alive) {
        client.socket.terminate();
        continue;
      }
      client.alive = false;
      client.socket.ping();
    }
  }, deps.heartbeatMs);

  return {
    add(socket) {
      // A request that was under way while the server closed.
      if (closed) return socket.terminate();
      const client: Client = { socket, alive: true, held: null };
      clients.add(client);
      deps.onClients(clients.size);
      socket.on('message', (data, isBinary) => {
        if (isBinary) socket.close(closeCodes.unsupportedData, 'text frames only');
        else void receive(client, data.toString());
      });
      socket.on('pong', () => {
        client.alive = true;
      });
      // ws closes the socket by itself; without a listener its error would end the process.
      socket.on('error', (error) => deps.log('warn', `browser connection: ${error.message}`));
      socket.on('close', () => {
        clients.delete(client);
        deps.onClients(clients.size);
      });
    },
    async close() {
      closed = true;
      clearInterval(heartbeat);
      unsubscribe();
      await Promise.all([...clients].map(({ socket }) => sayGoodbye(socket)));
    },
  };
}

function sayGoodbye(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const giveUp = setTimeout(() => socket.terminate(), goodbyeMs);
    socket.once('close', () => {
      clearTimeout(giveUp);
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
