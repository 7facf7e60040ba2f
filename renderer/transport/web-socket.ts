/**
 * The browser face's Transport. Frames are JSON: `{id, name, input}` to the app, `{id, reply}` and `{push, payload}` back.
 * The key authenticates the socket: it is offered as the name of a protocol, which is all that a page can say beforehand.
 */

import type { Reply } from '#common/answer.ts';
import type { LinkState, Transport } from '#common/bridge.ts';
import { browserSocket } from '#common/browser-socket.ts';
import type { CallName, PushName } from '#common/contract.ts';
import { createAlarm } from '#common/timer.ts';
import type { Answerer } from './same-app.ts';

/** What is used of a browser's WebSocket. */
export type Socket = Pick<WebSocket, 'readyState' | 'send' | 'close' | 'addEventListener'>;

export interface WebSocketOptions {
  readonly url: string;
  /** Read with every attempt; without one the app lets no socket in. */
  readonly key: () => string | null;
  /** Asked before the key is sent anew after the connection was lost; absent: the key is sent. */
  readonly whoAnswers?: (key: string) => Promise<Answerer>;
  readonly createSocket?: (url: string, protocols: string[]) => Socket;
  /** The wait before the first attempt to reconnect; it doubles up to the longest. */
  readonly firstDelayMs?: number;
  readonly longestDelayMs?: number;
}

export interface WebSocketTransport extends Transport {
  /** Ends the connection for good; pending requests fail. Safe to call twice. */
  close(): void;
}

interface Pending {
  readonly frame: string;
  readonly settle: (reply: Reply) => void;
}

const lost: Reply = { ok: false, error: { code: 'connection-lost', detail: '' } };
const socketOpen = 1;

/**
 * Connects at once and keeps reconnecting with a doubling, jittered delay. A request made while a socket is still opening is
 * sent once it is open; one made or pending while there is none is answered with `connection-lost`. Never rejects.
 */
export function createWebSocketTransport(options: WebSocketOptions): WebSocketTransport {
  const {
    url,
    key,
    whoAnswers,
    createSocket = (address, protocols) => new WebSocket(address, protocols),
  } = options;
  const { firstDelayMs = 300, longestDelayMs = 10_000 } = options;
  const pending = new Map<number, Pending>();
  const pushListeners = new Map<PushName, Set<(payload: unknown) => void>>();
  const linkListeners = new Set<(state: LinkState) => void>();
  let socket: Socket | null = null;
  const retry = createAlarm();
  let failures = 0;
  let nextId = 1;
  let closed = false;

  const announce = (state: LinkState) => {
    for (const listener of [...linkListeners]) listener(state);
  };

  const connect = () => {
    const secret = key();
    const opening = createSocket(
      url,
      secret === null ? [browserSocket.protocol] : [browserSocket.protocol, secret],
    );
    socket = opening;
    opening.addEventListener('open', () => {
      failures = 0;
      for (const { frame } of pending.values()) opening.send(frame);
      announce('open');
    });
    opening.addEventListener('message', ({ data }) => receive(data));
    // An `error` is always followed by `close`; without a listener some sockets would throw it.
    opening.addEventListener('error', () => undefined);
    opening.addEventListener('close', () => {
      socket = null;
      const unanswered = [...pending.values()];
      pending.clear();
      for (const { settle } of unanswered) settle(lost);
      if (closed) return;
      lose(secret === null ? 'no-key' : 'lost');
    });
  };

  const lose = (state: LinkState) => {
    announce(state);
    const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** failures);
    failures += 1;
    retry.after(delayMs * (0.5 + Math.random() / 2), () => void reconnect());
  };

  const reconnect = async () => {
    const secret = key();
    const answerer = secret === null ? 'same' : ((await whoAnswers?.(secret)) ?? 'same');
    if (closed) return;
    if (answerer === 'same') connect();
    else lose(answerer === 'other' ? 'no-key' : 'lost');
  };

  const receive = (data: unknown) => {
    const message = parse(data);
    if (message === null) return;
    if (message.push !== undefined) {
      for (const listener of [...(pushListeners.get(message.push) ?? [])]) listener(message.payload);
    } else if (message.id !== undefined && message.reply !== undefined) {
      const waiting = pending.get(message.id);
      pending.delete(message.id);
      waiting?.settle(message.reply);
    }
  };

  connect();
  return {
    request: (name: CallName, input: unknown) => {
      if (socket === null) return Promise.resolve(lost);
      const id = nextId++;
      const frame = JSON.stringify({ id, name, input });
      const reply = new Promise<Reply>((settle) => pending.set(id, { frame, settle }));
      if (socket.readyState === socketOpen) socket.send(frame);
      return reply;
    },
    on: (name, listener) => {
      const listeners = pushListeners.get(name) ?? new Set();
      pushListeners.set(name, listeners.add(listener));
      return () => listeners.delete(listener);
    },
    onLink: (listener) => {
      linkListeners.add(listener);
      return () => linkListeners.delete(listener);
    },
    close: () => {
      closed = true;
      retry.cancel();
      socket?.close();
    },
  };
}

interface Message {
  readonly id?: number;
  readonly reply?: Reply;
  readonly push?: PushName;
  readonly payload?: unknown;
}

/** The app's own frames need no schema; anything else on the socket is ignored. */
function parse(data: unknown): Message | null {
  if (typeof data !== 'string') return null;
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === 'object' ? (message as Message | null) : null;
  } catch {
    // Not JSON, so not one of the app's frames.
    return null;
  }
}
