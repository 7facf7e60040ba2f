import { createServer, type Server } from 'node:net';
import { AppError } from '#common/errors.ts';

/** The listeners of one local port: 127.0.0.1, and ::1 where there is IPv6. */
export interface LocalListener {
  readonly port: number;
  readonly servers: readonly Server[];
}

/** allowHalfOpen: an HTTP reply may follow the client's FIN and would be lost otherwise. */
const serverOptions = { allowHalfOpen: true, noDelay: true };

/**
 * Listens on exactly this loopback port. One that another program has at ::1 is taken, too: `localhost` may lead there.
 * Errors: `port-in-use`, `port-forbidden`.
 */
export async function listenOn(port: number): Promise<LocalListener> {
  const v4 = await listen(port, '127.0.0.1').catch((error: NodeJS.ErrnoException) => {
    throw refusal(`127.0.0.1:${port}`, error);
  });
  try {
    return { port, servers: [v4, await listen(port, '::1')] };
  } catch (error) {
    // Without IPv6 it works all the same.
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return { port, servers: [v4] };
    await closeListener({ port, servers: [v4] });
    throw refusal(`[::1]:${port}`, error as NodeJS.ErrnoException);
  }
}

/**
 * Listens on the first of the ports that is free, null when none is. A port is free when it could be bound: nothing else
 * is true for long.
 */
export async function listenOnFirst(ports: Iterable<number>): Promise<LocalListener | null> {
  for (const port of ports) {
    const listener = await listenOn(port).catch(() => null);
    if (listener !== null) return listener;
  }
  return null;
}

function refusal(address: string, error: NodeJS.ErrnoException): AppError {
  return new AppError(error.code === 'EACCES' ? 'port-forbidden' : 'port-in-use', {
    step: 'forward',
    detail: `${address}: ${error.code ?? error.message}`,
    cause: error,
  });
}

function listen(port: number, address: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(serverOptions);
    server.once('error', reject);
    server.listen({ port, host: address, exclusive: true }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

/** Stops listening; resolves when the port is free. The connections already accepted are the caller's. */
export async function closeListener({ servers }: LocalListener): Promise<void> {
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
}
