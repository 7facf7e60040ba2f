import { AppError } from '#common/errors.ts';
import type { Forward, ForwardId } from '#common/forwards.ts';
import { type HostId, serverId } from '#common/model.ts';
import type { Pool } from '../ssh/pool.ts';
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
   * Resolves once it listens; the same target again gives the same forward.
   * Errors: `port-in-use`, `port-forbidden`, `ports-exhausted`, `forwarding-prohibited`, `not-found`, those of connecting.
   */
  open(request: OpenRequest): Promise<Forward>;
  /** Those that are away come back at once: the network has changed, or somebody has logged in. */
  hurry(): void;
  /** Resolves when the local port is free; an unknown id is no error. */
  close(id: ForwardId): Promise<void>;
  dispose(): Promise<void>;
}

export function createForwards({ pool, store }: ForwardsDeps): Forwards {
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
        ? await listenInRange(snapshot.settings.localPorts, rememberedPorts.get(id) ?? null)
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
      for (const forward of opening.values()) forward.then((open) => open.hurry()).catch(() => undefined);
    },
    close,
    async dispose() {
      await Promise.all([...opening.keys()].map(close));
    },
  };
}

/** A server seen in the listening table has one address; without that knowledge both loopback addresses are tried. */
function addressesOf(seen: string | undefined): readonly [string, ...string[]] {
  return seen === undefined ? ['127.0.0.1', '::1'] : [seen];
}
