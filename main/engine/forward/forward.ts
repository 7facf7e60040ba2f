import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError, toFailure } from '#common/errors.ts';
import type { Forward } from '#common/forwards.ts';
import { serverId } from '#common/model.ts';
import type { Transport } from '../ssh/transport.ts';
import { createLink } from './link.ts';
import { closeListener, type LocalListener } from './local-port.ts';
import { pipeBoth } from './pipe.ts';
import { createTrafficMeter } from './traffic.ts';

/** A client that connects while the host is away waits this long for it to come back. */
const holdMs = 5000;

export interface ForwardTarget {
  readonly hostId: string;
  readonly port: number;
  /** The addresses to try on the host, in order; at least one. */
  readonly addresses: readonly [string, ...string[]];
}

export interface ForwardDeps {
  /** The host's connection, opened when there is none. */
  transport(signal: AbortSignal): Promise<Transport>;
  readonly onChange: (forward: Forward) => void;
}

export interface OpenForward {
  current(): Forward;
  /** Comes back at once if it is away. */
  hurry(): void;
  /** Ends its connections and stops listening; resolves when the local port is free. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Carries every connection to the listener over the host's Transport. The listener lives as long as the forward: when the
 * Transport is lost, a new one takes its place under it. A port on which nothing listens yet is no error: `lastError` says so.
 * Errors: those of `deps.transport`, and `forwarding-prohibited`; the listener is closed then.
 */
export async function openForward(
  target: ForwardTarget,
  listener: LocalListener,
  deps: ForwardDeps,
): Promise<OpenForward> {
  const sockets = new Set<Socket>();
  let closing = false;
  let forward = newForward(target, listener.port);

  const change = (fields: Partial<Forward>): void => {
    if (closing) return;
    forward = { ...forward, ...fields };
    deps.onChange(forward);
  };
  const meter = createTrafficMeter((traffic) => change({ traffic }));
  const link = createLink(deps.transport, (state) =>
    change({ state: state.kind === 'open' ? { kind: 'listening' } : state }),
  );

  /** Tries the address that worked last, then the others. */
  const openChannel = async (transport: Transport): Promise<Duplex> => {
    const addresses = [...new Set([forward.remoteAddress, ...target.addresses])];
    let refused: unknown;
    for (const address of addresses) {
      try {
        const channel = await transport.stream(address, target.port);
        if (address !== forward.remoteAddress || forward.lastError !== null) {
          change({ remoteAddress: address, lastError: null });
        }
        return channel;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'target-refused') throw error;
        refused ??= error;
      }
    }
    throw refused;
  };

  const carry = async (socket: Socket): Promise<void> => {
    sockets.add(socket);
    meter.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    try {
      await pipeBoth(socket, await openChannel(await link.get(holdMs)));
    } catch (error) {
      socket.destroy();
      change({ lastError: toFailure(error, 'forward') });
    }
  };

  const close = async (): Promise<void> => {
    closing = true;
    link.dispose();
    for (const socket of sockets) socket.destroy();
    await closeListener(listener);
    meter.dispose();
  };

  for (const server of listener.servers) server.on('connection', (socket) => void carry(socket));
  deps.onChange(forward);
  try {
    await tryTarget(await link.open(), openChannel, (error) =>
      change({ lastError: toFailure(error, 'forward') }),
    );
  } catch (error) {
    await close();
    throw error;
  }
  change({ state: { kind: 'listening' } });
  return { current: () => forward, hurry: link.hurry, close };
}

/** One channel, opened and closed again, tells whether the host forwards at all and whether something listens. */
async function tryTarget(
  transport: Transport,
  openChannel: (transport: Transport) => Promise<Duplex>,
  onRefused: (error: AppError) => void,
): Promise<void> {
  try {
    const channel = await openChannel(transport);
    channel.on('error', () => channel.destroy());
    channel.destroy();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'target-refused') throw error;
    onRefused(error);
  }
}

function newForward({ hostId, port, addresses }: ForwardTarget, localPort: number): Forward {
  return {
    id: serverId(hostId, port),
    hostId,
    remoteAddress: addresses[0],
    remotePort: port,
    localPort,
    origin: 'user',
    pinned: false,
    state: { kind: 'opening' },
    health: { kind: 'unknown' },
    since: Date.now(),
    traffic: { openConnections: 0, totalConnections: 0, bytesIn: 0, bytesOut: 0 },
    lastError: null,
  };
}
