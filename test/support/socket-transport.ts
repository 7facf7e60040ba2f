import { connect } from 'node:net';
import { AppError } from '#common/failure.ts';
import type { Transport } from '#engine/ssh/transport.ts';

/** A Transport whose "host" is this computer: `stream` is a real TCP connection. For what SSH has no part in. */
export function localTransport(): Transport & { lose(): void } {
  const listeners = new Set<(reason: AppError) => void>();
  let lost: AppError | null = null;
  return {
    client: 'built-in',
    answered: false,
    exec: () => Promise.reject(new AppError('no-shell')),
    stream: (address, port) =>
      new Promise((resolve, reject) => {
        if (lost !== null) return reject(lost);
        const socket = connect({ host: address, port, allowHalfOpen: true }, () => resolve(socket));
        socket.once('error', (error) => reject(new AppError('target-refused', { detail: error.message })));
        listeners.add((reason) => socket.destroy(reason));
      }),
    socket: () => Promise.reject(new AppError('socket-unsupported')),
    ping: () => Promise.resolve(),
    bytesReceived: () => 0,
    onClose(listener) {
      if (lost !== null) listener(lost);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => undefined,
    lose() {
      lost = new AppError('connection-lost');
      for (const listener of listeners) listener(lost);
    },
  };
}
