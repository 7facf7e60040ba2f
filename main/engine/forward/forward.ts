import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError, toFailure } from '#common/errors.ts';
import type { Forward } from '#common/forwards.ts';
import { serverId } from '#common/model.ts';
import type { Transport } from '../ssh/transport.ts';
import { createChannels, type ForwardTarget } from './channels.ts';
import { createHealthWatch, type HealthTimes } from './health.ts';
import { createLink, type LinkState } from './link.ts';
import { closeListener, type LocalListener } from './local-port.ts';
import { pipeBoth, reset } from './pipe.ts';
import { createTrafficMeter } from './traffic.ts';

/** A client that connects while the host is away waits this long for it to come back. */
const holdMs = 5000;

export type ForwardTraits = Pick<Forward, 'origin' | 'pinned'>;

export interface ForwardDeps {
  /** The host's connection, opened when there is none. */
  transport(signal: AbortSignal): Promise<Transport>;
  /** Whether the target is known to be a model server. */
  readonly isModelServer: () => boolean;
  readonly healthTimes?: HealthTimes | undefined;
  readonly onChange: (forward: Forward) => void;
}

export interface OpenForward {
  current(): Forward;
  /**
   * The first attempt to reach the host. It rejects with why that failed (the errors of `deps.transport`,
   * `forwarding-prohibited`), and the forward goes on trying all the same.
   */
  readonly opened: Promise<void>;
  /** Comes back at once where it would later. */
  hurry(): void;
  /** Comes back at once, also where it would not by itself. */
  retry(): void;
  change(traits: Partial<ForwardTraits>): void;
  /** Ends its connections and stops listening; resolves when the local port is free. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Carries every connection to the listener over the host's Transport. The listener lives as long as the forward: when the
 * Transport is lost, a new one takes its place under it. A port on which nothing listens yet is no error: `lastError` and
 * the health say so.
 */
export function openForward(
  target: ForwardTarget & ForwardTraits,
  listener: LocalListener,
  deps: ForwardDeps,
): OpenForward {
  const sockets = new Set<Socket>();
  const channels = createChannels(target);
  let closing = false;
  let forward = newForward(target, listener.port);

  const change = (fields: Partial<Forward>): void => {
    if (closing) return;
    forward = { ...forward, ...fields };
    deps.onChange(forward);
  };
  const meter = createTrafficMeter((traffic) => change({ traffic }));

  const openChannel = async (transport: Transport, signal?: AbortSignal): Promise<Duplex> => {
    const channel = await channels.open(transport, signal);
    if (channels.address() !== forward.remoteAddress) change({ remoteAddress: channels.address() });
    return channel;
  };

  const health = createHealthWatch({
    openChannel: async (signal) => {
      const transport = link.current();
      if (transport === null) throw new AppError('connection-lost', { step: 'forward' });
      return openChannel(transport, signal);
    },
    target: () => ({ address: channels.address(), port: target.port }),
    isModelServer: deps.isModelServer,
    // What went wrong before it answered is over.
    onHealth: (found) => change({ health: found, ...(found.kind === 'answering' && { lastError: null }) }),
    times: deps.healthTimes,
  });

  const link = createLink(
    async (signal) => {
      const transport = await deps.transport(signal);
      const refusal = await tryTarget(transport, openChannel);
      if (refusal !== null) change({ lastError: toFailure(refusal, 'forward') });
      return transport;
    },
    (state) => {
      if (closing) return;
      change({ state: forwardState(state) });
      if (state.kind === 'open') health.start();
      else health.stop();
    },
  );

  const carry = async (socket: Socket): Promise<void> => {
    sockets.add(socket);
    meter.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    try {
      const transport = await link.get(holdMs);
      if (socket.destroyed) return;
      const channel = await openChannel(transport);
      if (forward.lastError !== null) change({ lastError: null });
      await pipeBoth(socket, channel);
    } catch (error) {
      reset(socket);
      change({ lastError: toFailure(error, 'forward') });
      if (forward.health.kind === 'answering' && link.current() !== null) health.start();
    }
  };

  const close = async (): Promise<void> => {
    closing = true;
    link.dispose();
    health.stop();
    for (const socket of sockets) socket.destroy();
    await closeListener(listener);
    meter.dispose();
  };

  for (const server of listener.servers) {
    server.on('connection', (socket) => void carry(socket));
    // No more files can be opened, for one: the listener itself stays.
    server.on('error', (error) => change({ lastError: toFailure(error, 'forward') }));
  }
  deps.onChange(forward);
  return {
    current: () => forward,
    opened: link.opened,
    hurry: link.hurry,
    retry: link.retry,
    change,
    close,
  };
}

/**
 * One channel, opened and closed again, tells whether the host forwards at all. Returns why the target itself was not
 * reached, or null; errors: `forwarding-prohibited`, `connection-lost`.
 */
async function tryTarget(
  transport: Transport,
  openChannel: (transport: Transport) => Promise<Duplex>,
): Promise<AppError | null> {
  try {
    const channel = await openChannel(transport);
    channel.on('error', () => channel.destroy());
    channel.destroy();
    return null;
  } catch (error) {
    const ofTarget =
      error instanceof AppError && (error.code === 'target-refused' || error.code === 'server-timeout');
    if (!ofTarget) throw error;
    return error;
  }
}

function forwardState(state: LinkState): Forward['state'] {
  return state.kind === 'open' ? { kind: 'listening' } : state;
}

export function newForward(
  { hostId, port, addresses, ...traits }: ForwardTarget & ForwardTraits,
  localPort: number | null,
): Forward {
  return {
    id: serverId(hostId, port),
    hostId,
    remoteAddress: addresses[0],
    remotePort: port,
    localPort,
    ...traits,
    state: { kind: 'opening' },
    health: { kind: 'unknown' },
    since: Date.now(),
    traffic: { openConnections: 0, totalConnections: 0, bytesIn: 0, bytesOut: 0 },
    lastError: null,
  };
}
