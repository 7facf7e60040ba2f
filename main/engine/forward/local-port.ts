import { createServer, type Server } from 'node:net';
import { AppError } from '#common/failure.ts';
import { isOutOfFiles } from '#common/open-files.ts';

/** The listeners of one local port: 127.0.0.1, and ::1 where there is IPv6. */
export interface LocalListener<S extends Server = Server> {
  readonly port: number;
  readonly servers: readonly S[];
}

/** allowHalfOpen: an HTTP reply may follow the client's FIN and would be lost otherwise. */
const serverOptions = { allowHalfOpen: true, noDelay: true };

/** What listening on ::1 fails with where there is none. */
const withoutIpv6: ReadonlySet<string> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT']);

/**
 * Listens on exactly this loopback port. One that another program has at ::1 is taken, too: `localhost` may lead there.
 * Errors: `port-in-use`, `port-forbidden`, `open-files`.
 */
export function listenOn(port: number): Promise<LocalListener> {
  return listenWith(port, () => createServer(serverOptions));
}

/** The same with servers of the caller's making, one for each address. */
export async function listenWith<S extends Server>(port: number, create: () => S): Promise<LocalListener<S>> {
  const v4 = await listen(create(), port, '127.0.0.1').catch((error: NodeJS.ErrnoException) => {
    throw refusal(`127.0.0.1:${port}`, error);
  });
  try {
    return { port, servers: [v4, await listen(create(), port, '::1')] };
  } catch (error) {
    // Without IPv6 it works all the same; with it, the port there must not be left to another program.
    if (withoutIpv6.has((error as NodeJS.ErrnoException).code ?? '')) return { port, servers: [v4] };
    await closeListener({ port, servers: [v4] });
    throw refusal(`[::1]:${port}`, error as NodeJS.ErrnoException);
  }
}

/**
 * Listens on the first of the ports that is free, null when none is. A port is free when it could be bound: nothing else
 * is true for long. Errors: `open-files`, which says nothing of the ports.
 */
export async function listenOnFirst(ports: Iterable<number>): Promise<LocalListener | null> {
  for (const port of ports) {
    const listener = await listenOn(port).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'open-files') throw error;
      return null;
    });
    if (listener !== null) return listener;
  }
  return null;
}

function refusal(address: string, error: NodeJS.ErrnoException): AppError {
  const code = isOutOfFiles(error)
    ? 'open-files'
    : error.code === 'EACCES'
      ? 'port-forbidden'
      : 'port-in-use';
  return new AppError(code, {
    step: 'forward',
    detail: `${address}: ${error.code ?? error.message}`,
    cause: error,
  });
}

function listen<S extends Server>(server: S, port: number, address: string): Promise<S> {
  return new Promise((resolve, reject) => {
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
