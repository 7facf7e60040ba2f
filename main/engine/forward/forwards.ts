import { AppError } from '#common/errors.ts';
import { type Forward, type ForwardId, type HostId, serverId } from '#common/model.ts';
import { mustWait } from '../scan/backoff.ts';
import type { Settings } from '../settings.ts';
import type { Pool } from '../ssh/pool.ts';
import type { Store } from '../store.ts';
import { type OpenForward, openForward } from './forward.ts';
import { listenInRange, listenOn } from './local-port.ts';

export interface ForwardsDeps {
  readonly pool: Pool;
  readonly store: Store;
  readonly settings: Settings;
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
   * Resolves once it listens; the same target again gives the same forward.
   * Errors: `port-in-use`, `port-forbidden`, `ports-exhausted`, `forwarding-prohibited`, `not-found`, those of connecting.
   */
  open(request: OpenRequest): Promise<Forward>;
  /**
   * Those that are tried again by themselves are tried at once: the network has changed. Whenever their host is
   * reached again, all of it come back without this.
   */
  hurry(): void;
  /** Resolves when the local port is free; an unknown id is no error. */
  close(id: ForwardId): Promise<void>;
  dispose(): Promise<void>;
}

export function createForwards({ pool, store, settings }: ForwardsDeps): Forwards {
  const opening = new Map<ForwardId, Promise<OpenForward>>();
  const rememberedPorts = new Map<ForwardId, number>();

  const start = async (
    { hostId, remotePort, localPort }: OpenRequest,
    id: ForwardId,
  ): Promise<OpenForward> => {
    const snapshot = store.current();
    if (!snapshot.hosts.some((host) => host.id === hostId)) {
      throw new AppError('not-found', {
        step: 'forward',
        detail: `no host ${hostId} in the SSH configuration`,
      });
    }
    const server = snapshot.servers.find((candidate) => candidate.id === id);
    const listener =
      localPort === undefined
        ? await listenInRange(settings.localPorts, rememberedPorts.get(id) ?? null)
        : await listenOn(localPort);
    rememberedPorts.set(id, listener.port);
    const target = { hostId, port: remotePort, addresses: addressesOf(server?.address) };
    return openForward(target, listener, {
      transport: async (signal) => (await pool.get(hostId, { signal })).transport,
      onChange: (forward) => store.apply({ kind: 'forward-changed', forward }),
    });
  };

  const close = async (id: ForwardId): Promise<void> => {
    const forward = await opening.get(id)?.catch(() => null);
    if (forward === undefined) return;
    await forward?.close();
    opening.delete(id);
    store.apply({ kind: 'forward-closed', forwardId: id });
  };

  const hurryThose = (which: (forward: Forward) => boolean): void => {
    for (const forward of opening.values())
      void forward.then(
        (open) => which(open.current()) && open.hurry(),
        () => undefined,
      );
  };

  /** A forward's own next attempt may be minutes away, or never come, when its host is already there again. */
  const forgetHosts = store.subscribe(({ hosts }) => {
    if (hosts !== undefined)
      hurryThose(({ hostId, state }) => state.kind !== 'listening' && pool.peek(hostId) !== null);
  });

  return {
    async open(request) {
      const id = serverId(request.hostId, request.remotePort);
      let forward = opening.get(id);
      if (forward === undefined) {
        forward = start(request, id);
        opening.set(id, forward);
        forward.catch(() => {
          opening.delete(id);
          store.apply({ kind: 'forward-closed', forwardId: id });
        });
      }
      return (await forward).current();
    },
    hurry() {
      hurryThose(({ state }) => state.kind === 'retrying' && !mustWait(state.failure.code));
    },
    close,
    async dispose() {
      forgetHosts();
      await Promise.all([...opening.keys()].map(close));
    },
  };
}

/** A server seen in the listening table has one address; without that knowledge both loopback addresses are tried. */
function addressesOf(seen: string | undefined): readonly [string, ...string[]] {
  return seen === undefined ? ['127.0.0.1', '::1'] : [seen];
}
