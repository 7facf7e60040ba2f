import { AppError } from '#common/errors.ts';
import type { Forward, ForwardId } from '#common/forwards.ts';
import { type HostId, type ModelServer, serverId } from '#common/model.ts';
import { touched } from '#common/reduce.ts';
import { requireHost } from '../listed.ts';
import { mustWait } from '../scan/backoff.ts';
import type { Pool } from '../ssh/pool.ts';
import type { Transport } from '../ssh/transport.ts';
import type { Store } from '../store.ts';
import { blockedForward, isBlocked } from './blocked.ts';
import { createEntries, type Entry } from './entries.ts';
import { type OpenForward, openForward } from './forward.ts';
import { type LocalListener, listenOn } from './local-port.ts';
import { type ForwardMemory, idOf, type RememberedTarget } from './memory.ts';
import { createPorts } from './ports.ts';

export interface ForwardsDeps {
  readonly pool: Pool;
  readonly store: Store;
  readonly memory: ForwardMemory;
}

export interface OpenRequest {
  readonly hostId: HostId;
  readonly remotePort: number;
  /** Exactly this local port; without it the one it had before, then the next free one of the range. */
  readonly localPort?: number | undefined;
  /** Default: a person. */
  readonly origin?: Forward['origin'];
}

/** All forwards of this app: at most one for a target. */
export interface Forwards {
  /**
   * Resolves once it listens; the same target again gives the same forward, which is tried at once if it is away.
   * Errors: `port-in-use`, `port-forbidden`, `ports-exhausted`, `forwarding-prohibited`, `not-found`, those of connecting.
   */
  open(request: OpenRequest): Promise<Forward>;
  /**
   * Opens again what was open when the app ended last: what a person had opened whether or not its host answers, what the
   * rules had where a model server answers now, so after a scan. What is open from now on is restored at the next start.
   * Resolves when the local ports are taken.
   */
  restore(origin: Forward['origin']): Promise<void>;
  /** Keeps the local port of an open forward, or of a target that had one, for it alone. Errors: `not-found`. */
  pin(id: ForwardId, pinned: boolean): Promise<void>;
  /**
   * Those that are tried again by themselves are tried at once: the network has changed. Whenever their host is reached
   * again, all of it come back without this.
   */
  hurry(): void;
  /** One comes back at once, also where it would not by itself. Errors: `not-found`. */
  retry(id: ForwardId): Promise<void>;
  /** Resolves when the local port is free; an unknown id is no error. */
  close(id: ForwardId): Promise<void>;
  closeAll(): Promise<void>;
  /** Closes them all for now: they are restored at the next start. */
  dispose(): Promise<void>;
}

export function createForwards({ pool, store, memory }: ForwardsDeps): Forwards {
  const entries = createEntries((forwardId) => store.apply({ kind: 'forward-closed', forwardId }));
  const ports = createPorts({ memory, range: () => store.current().settings.localPorts });
  const publish = (forward: Forward): void => store.apply({ kind: 'forward-changed', forward });
  let restores = false;
  let restoring: Promise<void> = Promise.resolve();
  let disposed = false;

  const begin = (request: OpenRequest, listener: LocalListener): OpenForward => {
    const { hostId, remotePort: port, origin = 'user' } = request;
    const id = serverId(hostId, port);
    const server = (): ModelServer | undefined =>
      store.current().servers.find((candidate) => candidate.id === id);
    const pinned = memory.find(id)?.pinned ?? false;
    const target = { hostId, port, addresses: addressesOf(server()?.address), origin, pinned };
    return openForward(target, listener, {
      async transport(signal) {
        requireHost(store.current(), hostId);
        return (await pool.get(hostId, { signal })).transport;
      },
      isModelServer: () => server() !== undefined,
      onChange: publish,
    });
  };

  const start = async (request: OpenRequest): Promise<OpenForward> => {
    if (disposed) throw new AppError('cancelled', { step: 'forward' });
    const { hostId, remotePort, localPort } = request;
    requireHost(store.current(), hostId);
    const id = serverId(hostId, remotePort);
    const taking = localPort === undefined ? ports.take(id) : ports.takeExactly(localPort, id);
    return begin(request, await taking);
  };

  const startAgain = async (target: RememberedTarget): Promise<OpenForward> => {
    const { hostId, remotePort, localPort, open } = target;
    const id = idOf(target);
    const elsewhere = memory.isElsewhere(id);
    try {
      // That copy may have died, and another process have got its number: then the port is free.
      const listener = elsewhere ? await listenOn(localPort) : await ports.take(id);
      return begin({ hostId, remotePort, origin: open ?? 'user' }, listener);
    } catch (error) {
      if (elsewhere || !(error instanceof AppError)) throw error;
      const again = (): unknown => entries.enter(id, startAgain(target));
      return blockedForward(target, error, { onChange: publish, again });
    }
  };

  const openNew = async (request: OpenRequest, id: ForwardId, blocked?: Entry): Promise<Forward> => {
    const forward = await entries.enter(id, start(request), blocked).forward;
    try {
      await forward.opened;
    } catch (error) {
      // Who asked gets the error, and nothing is left behind.
      await entries.drop(id);
      throw error;
    }
    memory.opened(forward.current(), restores);
    return forward.current();
  };

  const join = async (entry: Entry, { origin = 'user' }: OpenRequest): Promise<Forward> => {
    const forward = await entry.forward;
    forward.retry();
    try {
      await forward.opened;
    } catch (error) {
      if (entry.closing !== null) throw error;
    }
    // What a person wants is not for the rules to close.
    if (origin === 'user' && forward.current().origin === 'auto') {
      forward.change({ origin });
      memory.opened(forward.current(), restores);
    }
    return forward.current();
  };

  const open = async (request: OpenRequest): Promise<Forward> => {
    const id = serverId(request.hostId, request.remotePort);
    await entries.get(id)?.closing;
    const entry = entries.get(id);
    if (entry === undefined) return openNew(request, id);
    if (!isBlocked(await entry.forward)) return join(entry, request);
    return entries.get(id) === entry ? openNew(request, id, entry) : open(request);
  };

  const restore = async (origin: Forward['origin']): Promise<void> => {
    const targets = memory.targets().filter((target) => target.restore && target.open === origin);
    for (const target of targets.sort((a, b) => a.usedAt - b.usedAt)) {
      const id = idOf(target);
      const { hosts, servers } = store.current();
      const isListed = hosts.some((host) => host.id === target.hostId);
      if (disposed || entries.get(id) !== undefined || !isListed) continue;
      const answers = servers.some((server) => server.id === id && server.state.kind !== 'failed');
      if (origin === 'auto' && !answers) {
        memory.closed(id);
        continue;
      }
      const forward = await entries.enter(id, startAgain(target)).forward.catch(() => null);
      if (forward !== null) memory.opened(forward.current(), true);
    }
  };

  const close = (id: ForwardId): Promise<void> => {
    memory.closed(id);
    return entries.drop(id);
  };

  const forwardOf = async (id: ForwardId): Promise<OpenForward | null> =>
    (await entries.get(id)?.forward) ?? null;

  const unsubscribe = onReached(store, pool, (hostId) =>
    entries.each((forward) => {
      if (forward.current().hostId === hostId) forward.retry();
    }),
  );

  return {
    open,
    restore(origin) {
      restores = true;
      restoring = restoring.then(() => restore(origin));
      return restoring;
    },
    async pin(id, pinned) {
      const forward = await forwardOf(id);
      if (forward === null && memory.find(id) === null) throw notFound();
      forward?.change({ pinned });
      if (forward !== null) memory.opened(forward.current(), restores);
      memory.pin(id, pinned);
    },
    hurry: () =>
      entries.each((forward) => {
        const { state } = forward.current();
        if (state.kind === 'retrying' && !mustWait(state.failure.code)) forward.hurry();
      }),
    async retry(id) {
      const forward = await forwardOf(id);
      if (forward === null) throw notFound();
      forward.retry();
    },
    close,
    async closeAll() {
      await Promise.all(entries.ids().map(close));
    },
    async dispose() {
      disposed = true;
      unsubscribe();
      await restoring;
      // Other copies need not wait for this process to end.
      if (!restores) for (const id of entries.ids()) memory.closed(id);
      await Promise.all(entries.ids().map(entries.drop));
    },
  };
}

/**
 * Tells of hosts to which there is a connection that was not there before. A forward's own next attempt may be minutes
 * away, or never come, when a scan, a login or another key in the agent has brought its host back.
 */
function onReached(store: Store, pool: Pool, tell: (hostId: HostId) => void): () => void {
  const known = new Map<HostId, Transport | undefined>();
  return store.subscribe(({ hosts }) => {
    for (const { id } of touched(store.current().hosts, hosts)) {
      const transport = pool.peek(id)?.transport;
      if (transport !== undefined && transport !== known.get(id)) tell(id);
      known.set(id, transport);
    }
  });
}

function notFound(): AppError {
  return new AppError('not-found', { step: 'forward', detail: 'the forward is not there any more' });
}

/** A server seen in the listening table has one address; without that knowledge both loopback addresses are tried. */
function addressesOf(seen: string | undefined): readonly [string, ...string[]] {
  return seen === undefined ? ['127.0.0.1', '::1'] : [seen];
}
