/** Forwards on real sockets of this computer, closed after each test. */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Forward } from '#common/forwards.ts';
import { type ForwardDeps, type OpenForward, openForward } from '#engine/forward/forward.ts';
import { listenOnFirst } from '#engine/forward/local-port.ts';
import { createRetries } from '#engine/scan/retries.ts';
import type { Transport } from '#engine/ssh/transport.ts';

const range = { from: 17_300, to: 17_399 };

/** A TCP server on a free port, for the running test. */
export async function serve(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

interface Opened {
  readonly forward: OpenForward;
  readonly port: number;
  /** Resolves when a published state of the forward satisfies the condition, now or later. */
  until(condition: (forward: Forward) => boolean): Promise<Forward>;
}

/** A forward to a port of this computer. */
export async function forwardTo(
  port: number,
  transport: () => Promise<Transport>,
  deps: Partial<ForwardDeps> = {},
): Promise<Opened> {
  const listener = await listenOnFirst(portsOf(range));
  if (listener === null) throw new Error('no free port');
  const history: Forward[] = [];
  const waiting = new Set<() => void>();
  const to = { remotePort: port, remoteHost: null, remoteSocket: null };
  const target = {
    hostId: 'h',
    ...to,
    addresses: ['127.0.0.1'],
    origin: 'user',
    pinned: false,
    label: null,
  } as const;
  const forward = openForward(target, listener, {
    transport,
    clock: createRetries({ companions: () => [] }).of('h'),
    onLate: () => undefined,
    isModelServer: () => false,
    admit: () => true,
    onChange(changed) {
      history.push(changed);
      for (const check of waiting) check();
    },
    ...deps,
  });
  onTestFinished(() => forward.close());
  const until = (condition: (forward: Forward) => boolean): Promise<Forward> =>
    new Promise((resolve) => {
      // What it is now counts, what it was before does not.
      let from = Math.max(0, history.length - 1);
      const check = (): void => {
        const found = history.slice(from).find(condition);
        from = history.length;
        if (found === undefined) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
  return { forward, port: listener.port, until };
}

function portsOf({ from, to }: { readonly from: number; readonly to: number }): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

export const isListening = ({ state }: Forward): boolean => state.kind === 'listening';
