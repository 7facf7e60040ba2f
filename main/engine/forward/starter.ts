import { AppError } from '#common/failure.ts';
import { type ForwardTarget, forwardId } from '#common/forward-target.ts';
import type { Forward } from '#common/forwards.ts';
import type { HostId } from '#common/ids.ts';
import type { ModelServer } from '#common/servers.ts';
import type { Log } from '../diagnostics/log.ts';
import { requireHost } from '../listed.ts';
import type { Retries } from '../scan/retries.ts';
import type { Pool } from '../ssh/pool.ts';
import type { Store } from '../store.ts';
import { blockedForward } from './blocked.ts';
import { createConnectionCap, openFilesLimit } from './connection-cap.ts';
import { type OpenForward, openForward } from './forward.ts';
import { type LocalListener, listenOn } from './local-port.ts';
import { logChange } from './log-change.ts';
import { type ForwardMemory, idOf, type RememberedTarget } from './memory.ts';
import { createPorts } from './ports.ts';

export interface StarterDeps {
  readonly log: Log;
  readonly pool: Pool;
  readonly retries: Retries;
  readonly store: Store;
  readonly memory: ForwardMemory;
  readonly strictRange?: boolean | undefined;
}

/** A target in the fields that its kind needs; see {@link targetOf}. */
export interface OpenRequest extends Omit<StartRequest, keyof ForwardTarget> {
  readonly remotePort?: number | null | undefined;
  readonly remoteHost?: string | null | undefined;
  readonly remoteSocket?: string | null | undefined;
}

export interface StartRequest extends ForwardTarget {
  readonly hostId: HostId;
  /** Exactly this local port; without it the one it had before, then the next free one of the range. */
  readonly localPort?: number | undefined;
  /** Default: a person. */
  readonly origin?: Forward['origin'] | undefined;
}

/** Takes a local port for a target and lets a forward stand on it, which then is in the Snapshot. */
export interface Starter {
  /** Errors: those of the local port, `not-found` for a host that is not listed. */
  start(request: StartRequest): Promise<OpenForward>;
  /**
   * Opens a remembered target on its port. Where the port is taken a blocked forward stands for it, and `again` is called
   * when it is to be tried once more; one that another copy of the app holds rejects.
   */
  startAgain(target: RememberedTarget, again: () => void): Promise<OpenForward>;
}

/** Of all forwards together, however many files this process may open. */
const mostConnections = 4096;

export function createStarter({ pool, retries, store, memory, log, strictRange }: StarterDeps): Starter {
  const ports = createPorts({ memory, range: () => store.current().settings.localPorts, strictRange });
  const publish = (forward: Forward): void => {
    logChange(
      store.current().forwards.find(({ id }) => id === forward.id),
      forward,
      log,
    );
    store.apply({ kind: 'forward-changed', forward });
  };
  // One costs up to four files: its own, and the pipes of an ssh child. Half of all are left for hosts and the rest.
  const cap = createConnectionCap({
    most: Math.max(8, Math.min(mostConnections, Math.floor(openFilesLimit() / 8))),
    isKnown: (socket) => socket.bytesRead > 0 || socket.bytesWritten > 0,
    onCut: () =>
      store.apply({ kind: 'problem-found', problem: { code: 'connections-cut', detail: 'forwards' } }),
  });

  const begin = (request: StartRequest, listener: LocalListener): OpenForward => {
    const { hostId, remotePort, remoteHost, remoteSocket, origin = 'user' } = request;
    const id = forwardId(hostId, request);
    const server = (): ModelServer | undefined =>
      store.current().servers.find((candidate) => candidate.id === id);
    const { pinned, label } = memory.find(id) ?? { pinned: false, label: null };
    const beyond = remoteSocket ?? remoteHost;
    const addresses = beyond === null ? addressesOf(server()?.address) : ([beyond] as const);
    const target = { hostId, remotePort, remoteHost, remoteSocket, addresses, origin, pinned, label };
    return openForward(target, listener, {
      async transport(signal) {
        requireHost(store.current(), hostId);
        return (await pool.get(hostId, { signal })).transport;
      },
      clock: retries.of(hostId),
      onLate: () => pool.doubt(hostId),
      isModelServer: () => server() !== undefined,
      admit: cap.admit,
      onChange: publish,
    });
  };

  return {
    async start(request) {
      const { hostId, localPort } = request;
      requireHost(store.current(), hostId);
      const id = forwardId(hostId, request);
      const taking = localPort === undefined ? ports.take(id) : ports.takeExactly(localPort, id);
      return begin(request, await taking);
    },
    async startAgain(target, again) {
      const { localPort, open } = target;
      const id = idOf(target);
      const isOfCopy = memory.isOfCopy(id);
      try {
        // That copy may have died, and another process have got its number: then the port is free.
        const listener = isOfCopy ? await listenOn(localPort) : await ports.take(id);
        return begin({ ...target, origin: open ?? 'user' }, listener);
      } catch (error) {
        if (isOfCopy || !(error instanceof AppError)) throw error;
        return blockedForward(target, error, { onChange: publish, again });
      }
    },
  };
}

/** A server seen in the listening table has one address; without that knowledge both loopback addresses are tried. */
function addressesOf(seen: string | undefined): readonly [string, ...string[]] {
  return seen === undefined ? ['127.0.0.1', '::1'] : [seen];
}
