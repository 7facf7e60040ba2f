import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { isSshGreeting } from '../../support/ssh/tcp-proxy.ts';

export interface FakeServer {
  readonly port: number;
  /** SSH connections accepted so far, and the connections that are open now. */
  accepted(): number;
  readonly open: ReadonlySet<Socket>;
  /** Resolves when no connection is open. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A TCP server on 127.0.0.1 that does whatever `serve` does for SSH clients, who all speak first, and drops what it receives.
 * Others are sent away: tests beside this one look for model servers at every port of this computer.
 */
export async function startFakeServer(serve: (socket: Socket, count: number) => void): Promise<FakeServer> {
  const open = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    socket.once('data', (first) => {
      if (!isSshGreeting(first)) return socket.destroy();
      accepted += 1;
      serve(socket, accepted);
      // A socket that nobody reads never learns that the other side has closed.
      return socket.resume();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const quiet = async (): Promise<void> => {
    await Promise.all([...open].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  };
  return {
    port: address.port,
    accepted: () => accepted,
    open,
    quiet,
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
