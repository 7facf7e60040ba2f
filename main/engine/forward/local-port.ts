import { createServer, type Server } from 'node:net';
import { AppError } from '#common/errors.ts';

/** The listeners of one local port: 127.0.0.1, and ::1 where IPv6 exists and the port is free there. */
export interface LocalListener {
  readonly port: number;
  readonly servers: readonly Server[];
}

export interface PortRange {
  readonly from: number;
  /** Included. */
  readonly to: number;
}

/** allowHalfOpen: an HTTP reply may follow the client's FIN and would be lost otherwise. */
const serverOptions = { allowHalfOpen: true, noDelay: true };

/**
 * Listens on exactly this loopback port.
 * Errors: `port-in-use`, `port-forbidden`.
 */
export async function listenOn(port: number): Promise<LocalListener> {
  const v4 = await listen(port, '127.0.0.1').catch((error: NodeJS.ErrnoException) => {
    const code = error.code === 'EACCES' ? 'port-forbidden' : 'port-in-use';
    throw new AppError(code, {
      step: 'forward',
      detail: `127.0.0.1:${port}: ${error.code ?? error.message}`,
    });
  });
  // Without IPv6, or with the port taken there, the forward works all the same.
  const v6 = await listen(port, '::1').catch(() => null);
  return { port, servers: v6 === null ? [v4] : [v4, v6] };
}

/**
 * Listens on `preferred` if it is free, else on the first free port of the range. A port is free when it could be bound:
 * nothing else is true for long.
 * Errors: `ports-exhausted`.
 */
export async function listenInRange(range: PortRange, preferred: number | null): Promise<LocalListener> {
  const ports = Array.from({ length: range.to - range.from + 1 }, (_, index) => range.from + index);
  for (const port of preferred === null ? ports : [preferred, ...ports]) {
    const listener = await listenOn(port).catch(() => null);
    if (listener !== null) return listener;
  }
  throw new AppError('ports-exhausted', { step: 'forward', detail: `${range.from}-${range.to}` });
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
