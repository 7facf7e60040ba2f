import { AppError } from '#common/errors.ts';
import type { Forward, ForwardId } from '#common/forwards.ts';
import { type HostId, type Snapshot, serverId } from '#common/model.ts';
import { isUp } from '#common/select.ts';
import type { Pool } from '../ssh/pool.ts';
import type { Transport } from '../ssh/transport.ts';
import type { Store } from '../store.ts';
import { type OpenForward, openForward } from './forward.ts';
import { listenInRange, listenOn } from './local-port.ts';

export interface ForwardsDeps {
  readonly pool: Pool;
  readonly store: Store;
}

export interface OpenRequest {
  readonly hostId: HostId;
  readonly remotePort: number;
  /** Exactly this local port; without it the remembered one, then the next free one of the range. */
  readonly localPort?: number | undefined;
}

/** All forwards of this app: at most one for a target. */
export interface Forwards {
  /**
   * Resolves once it listens; the same target again gives the same forward, which is tried at once if it is away.
   * Errors: `port-in-use`, `port-forbidden`, `ports-exhausted`, `forwarding-prohibited`, `not-found`, those of connecting.
   */
  open(request: OpenRequest): Promise<Forward>;
  /** Those that come back by themselves do so at once: the network has changed. */
  hurry(): void;
  /** Those of this host come back at once, also where they would not by themselves: it can be reached again. */
  comeBack(hostId: HostId): void;
  /** One comes back at once, also where it would not by itself. Errors: `not-found`. */
  retry(id: ForwardId): Promise<void>;
  /** Resolves when the local port is free; an unknown id is no error. */
  close(id: ForwardId): Promise<void>;
  closeAll(): Promise<void>;
  dispose(): Promise<void>;
}

interface Entry {
  readonly forward: Promise<OpenForward>;
  closing: Promise<void> | null;
}

export function createForwards({ pool, store }: ForwardsDeps): Forwards {
  const entries = new Map<ForwardId, Entry>();
  const rememberedPorts = new Map<ForwardId, number>();

  const transportOf = async (hostId: HostId, signal: AbortSignal): Promise<Transport> => {
    requireHost(store, hostId);
    return (await pool.get(hostId, { signal })).transport;
  };

  const start = async ({ hostId, remotePort, localPort }: OpenRequest): Promise<OpenForward> => {
    const { settings, servers } = requireHost(store, hostId);
    const id = serverId(hostId, remotePort);
    const listener =
      localPort === undefined
        ? await listenInRange(settings.localPorts, rememberedPorts.get(id) ?? null)
        : await listenOn(localPort);
    rememberedPorts.set(id, listener.port);
    const addresses = addressesOf(servers.find((server) => server.id === id)?.address);
    const target = { hostId, port: remotePort, addresses, origin: 'user', pinned: false } as const;
    return openForward(target, listener, {
      transport: (signal) => transportOf(hostId, signal),
      isModelServer: () => store.current().servers.some((server) => server.id === id),
      onChange: (forward) => store.apply({ kind: 'forward-changed', forward }),
    });
  };

  const enter = (request: OpenRequest, id: ForwardId): Entry => {
    const entry: Entry = { forward: start(request), closing: null };
    entries.set(id, entry);
    entry.forward.catch(() => entries.delete(id));
    return entry;
  };

  const close = (id: ForwardId): Promise<void> => {
    const entry = entries.get(id);
    if (entry === undefined) return Promise.resolve();
    entry.closing ??= entry.forward
      .then((forward) => forward.close())
      // It has never been open.
      .catch(() => undefined)
      .then(() => {
        entries.delete(id);
        store.apply({ kind: 'forward-closed', forwardId: id });
      });
    return entry.closing;
  };

  const closeAll = async (): Promise<void> => {
    await Promise.all([...entries.keys()].map(close));
  };

  const each = (act: (forward: OpenForward) => void): void => {
    for (const { forward } of entries.values()) forward.then(act).catch(() => undefined);
  };

  const comeBack = (hostId: HostId): void =>
    each((forward) => {
      if (forward.current().hostId === hostId) forward.retry();
    });

  const hostsUp = new Set<HostId>();
  // What brings a host back otherwise (an accepted key, another key in the agent) brings its forwards back, too.
  const unsubscribe = store.subscribe(({ hosts }) => {
    for (const { id, state } of hosts?.changed ?? []) {
      if (!isUp(state)) hostsUp.delete(id);
      else if (!hostsUp.has(id)) {
        hostsUp.add(id);
        comeBack(id);
      }
    }
  });

  return {
    async open(request) {
      const id = serverId(request.hostId, request.remotePort);
      await entries.get(id)?.closing;
      const before = entries.get(id);
      const entry = before ?? enter(request, id);
      const forward = await entry.forward;
      if (before !== undefined) forward.retry();
      try {
        await forward.opened;
      } catch (error) {
        // Who came first gets the error and leaves nothing behind.
        if (before === undefined) await close(id);
        if (entry.closing !== null) throw error;
      }
      return forward.current();
    },
    hurry: () => each((forward) => forward.hurry()),
    comeBack,
    async retry(id) {
      const forward = await entries.get(id)?.forward;
      if (forward === undefined) throw new AppError('not-found', { step: 'forward' });
      forward.retry();
    },
    close,
    closeAll,
    async dispose() {
      unsubscribe();
      await closeAll();
    },
  };
}

/** Errors: `not-found`. */
function requireHost(store: Store, hostId: HostId): Snapshot {
  const snapshot = store.current();
  if (snapshot.hosts.some((host) => host.id === hostId)) return snapshot;
  const detail = `no host ${hostId} in the SSH configuration`;
  throw new AppError('not-found', { step: 'forward', detail });
}

/** A server seen in the listening table has one address; without that knowledge both loopback addresses are tried. */
function addressesOf(seen: string | undefined): readonly [string, ...string[]] {
  return seen === undefined ? ['127.0.0.1', '::1'] : [seen];
}
