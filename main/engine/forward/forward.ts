import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError, type ErrorCode, toFailure } from '#common/failure.ts';
import { forwardId } from '#common/forward-target.ts';
import type { Forward } from '#common/forwards.ts';
import { authorityOf } from '#common/text.ts';
import { after } from '#common/timer.ts';
import type { RetryClock } from '../scan/retry-clock.ts';
import type { Transport } from '../ssh/transport.ts';
import { createChannels, type Destination } from './channels.ts';
import { createClients } from './clients.ts';
import { createHealthWatch, type HealthTimes } from './health.ts';
import { createLink, type LinkState } from './link.ts';
import { closeListener, type LocalListener } from './local-port.ts';

/** A client that connects while the host is away waits this long for it to come back. */
const holdMs = 5000;
/** A channel is opened in one round trip, unless its target is slow to answer. */
const lateMs = 1500;

export type ForwardTraits = Pick<Forward, 'origin' | 'pinned' | 'label'>;

export interface ForwardDeps {
  /** The host's connection, opened when there is none. */
  transport(signal: AbortSignal): Promise<Transport>;
  /** When the host is tried again. */
  readonly clock: RetryClock;
  /** The host takes long to open a channel: its connection may be dead. */
  readonly onLate: () => void;
  /** Whether the target is known to be a model server. */
  readonly isModelServer: () => boolean;
  /** Whether a new connection may stay: there is a bound for those of all forwards together. */
  readonly admit: (socket: Socket) => boolean;
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
  /** Comes back at once, also where no retry is scheduled. */
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
  target: Destination & ForwardTraits,
  listener: LocalListener,
  deps: ForwardDeps,
): OpenForward {
  const channels = createChannels(target);
  let closing = false;
  let forward = newForward(target, listener.port);

  const change = (fields: Partial<Forward>): void => {
    if (closing) return;
    forward = { ...forward, ...fields };
    deps.onChange(forward);
  };

  const openChannel = async (transport: Transport, signal?: AbortSignal): Promise<Duplex> => {
    const late = after(lateMs, deps.onLate);
    const channel = await channels.open(transport, signal).finally(late.cancel);
    if (channels.address() !== forward.remoteAddress) change({ remoteAddress: channels.address() });
    return channel;
  };

  const health = createHealthWatch({
    openChannel: async (signal) => {
      const transport = link.current();
      if (transport === null) throw new AppError('connection-lost', { step: 'forward' });
      return openChannel(transport, signal);
    },
    authority: () => authorityOfTarget(target, channels.address()),
    isModelServer: deps.isModelServer,
    // What went wrong before it answered is over.
    onHealth: (found) => change({ health: found, ...(found.kind === 'answering' && { lastError: null }) }),
    times: deps.healthTimes,
  });

  const link = createLink({
    clock: deps.clock,
    connect: (signal) => deps.transport(signal),
    async check(transport) {
      const refusal = await tryTarget(transport, openChannel);
      if (refusal !== null) change({ lastError: toFailure(refusal, 'forward') });
    },
    onState(state) {
      if (closing) return;
      change({ state: forwardState(state) });
      if (state.kind === 'open') health.start();
      else health.stop();
    },
  });

  const clients = createClients({
    transport: () => link.get(holdMs),
    openChannel,
    onTraffic: (traffic) => change({ traffic }),
    onReached() {
      if (forward.lastError !== null) change({ lastError: null });
    },
    onFailed(error) {
      change({ lastError: toFailure(error, 'forward') });
      if (forward.health.kind === 'answering' && link.current() !== null) health.start();
    },
  });

  const close = async (): Promise<void> => {
    closing = true;
    link.dispose();
    health.stop();
    clients.cut();
    await closeListener(listener);
    clients.dispose();
  };

  for (const server of listener.servers) {
    server.on('connection', (socket) => {
      if (deps.admit(socket)) void clients.carry(socket);
    });
    // No more files can be opened, for one: the listener itself stays.
    server.on('error', (error) => change({ lastError: toFailure(error, 'forward') }));
  }
  deps.onChange(forward);
  return {
    current: () => forward,
    opened: link.opened,
    retry: link.retry,
    change,
    close,
  };
}

/** What may be otherwise in a moment, when its program has started. */
const ofTargetItself: ReadonlySet<ErrorCode> = new Set([
  'target-refused',
  'server-timeout',
  'socket-missing',
]);

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
    const ofTarget = error instanceof AppError && ofTargetItself.has(error.code);
    if (!ofTarget) throw error;
    return error;
  }
}

/** As the Host header has it; a server behind a socket takes any. */
function authorityOfTarget({ remotePort, remoteSocket }: Destination, address: string): string {
  return remoteSocket === null ? authorityOf(address, remotePort ?? 0) : 'localhost';
}

function forwardState(state: LinkState): Forward['state'] {
  return state.kind === 'open' ? { kind: 'listening' } : state;
}

export function newForward(
  { addresses, ...target }: Destination & ForwardTraits,
  localPort: number | null,
): Forward {
  return {
    id: forwardId(target.hostId, target),
    ...target,
    remoteAddress: addresses[0],
    localPort,
    state: { kind: 'opening' },
    health: { kind: 'unknown' },
    since: Date.now(),
    traffic: { openConnections: 0, totalConnections: 0, bytesIn: 0, bytesOut: 0 },
    lastError: null,
  };
}
