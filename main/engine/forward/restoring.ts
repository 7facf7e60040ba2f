import type { Forward } from '#common/forwards.ts';
import type { Store } from '../store.ts';
import type { Entries } from './entries.ts';
import type { OpenForward } from './forward.ts';
import { type ForwardMemory, idOf, type RememberedTarget } from './memory.ts';

/** Opens again what was open when the app ended last. */
export interface Restoring {
  /** See `Forwards.restore`; one call after the other. */
  restore(origin: Forward['origin']): Promise<void>;
  /** Whether it has begun: what is open from then on is restored at the next start. */
  hasBegun(): boolean;
  /** Resolves when nothing is under way. */
  settle(): Promise<void>;
}

export interface RestoringDeps {
  readonly store: Store;
  readonly memory: ForwardMemory;
  readonly entries: Entries;
  readonly startAgain: (target: RememberedTarget) => Promise<OpenForward>;
  readonly isDisposed: () => boolean;
}

export function createRestoring(deps: RestoringDeps): Restoring {
  const { store, memory, entries, startAgain, isDisposed } = deps;
  let running: Promise<void> | null = null;

  const restore = async (origin: Forward['origin']): Promise<void> => {
    const targets = memory.targets().filter((target) => target.restore && target.open === origin);
    for (const target of targets.sort((a, b) => a.usedAt - b.usedAt)) {
      const id = idOf(target);
      const { hosts, servers } = store.current();
      const isListed = hosts.some((host) => host.id === target.hostId);
      if (isDisposed() || entries.get(id) !== undefined || !isListed) continue;
      const answers = servers.some((server) => server.id === id && server.state.kind !== 'failed');
      if (origin === 'auto' && !answers) {
        memory.closed(id);
        continue;
      }
      const forward = await entries.enter(id, startAgain(target)).forward.catch(() => null);
      if (forward !== null) memory.opened(forward.current(), true);
    }
  };

  return {
    restore(origin) {
      running = (running ?? Promise.resolve()).then(() => restore(origin));
      return running;
    },
    hasBegun: () => running !== null,
    settle: () => running ?? Promise.resolve(),
  };
}
