import * as z from 'zod/mini';
import type { Forward, ForwardId } from '#common/forwards.ts';
import { type HostId, serverId } from '#common/model.ts';
import { port } from '#common/settings.ts';
import { openStateFile, type State, type StateFile } from './state-file.ts';

/** What outlasts a forward, so that its target has the same local port again, and it is there after a restart. */
export interface RememberedTarget {
  readonly hostId: HostId;
  readonly remotePort: number;
  readonly localPort: number;
  /** The local port is kept for this target alone. */
  readonly pinned: boolean;
  /** Who opened it, while it is open and after the app has ended; null once it was closed. */
  readonly open: Forward['origin'] | null;
  /** It is opened again at the next start. */
  readonly restore: boolean;
  /** The process that opened it last. */
  readonly pid: number;
  /** When it was last opened. */
  readonly usedAt: number;
}

/** The targets that were forwarded, by this copy of the app and by others that run on the same data folder. */
export interface ForwardMemory {
  /** As they are now. */
  targets(): readonly RememberedTarget[];
  find(id: ForwardId): RememberedTarget | null;
  /**
   * Whether another copy of the app, which runs now, has this target open. What is remembered of it is that one's to
   * change, and not changed by `opened` and `closed`.
   */
  isElsewhere(id: ForwardId): boolean;
  /** All such targets. */
  elsewhere(): readonly RememberedTarget[];
  /** Remembers a forward's local port, and with `restore` that it is to be open again after a restart. */
  opened(forward: Forward, restore: boolean): void;
  closed(id: ForwardId): void;
  /** Does nothing where nothing is remembered. */
  pin(id: ForwardId, pinned: boolean): void;
}

const targetSchema = z.object({
  hostId: z.string().check(z.minLength(1), z.maxLength(300)),
  remotePort: port,
  localPort: port,
  pinned: z.boolean(),
  open: z.nullable(z.enum(['user', 'auto'])),
  restore: z.boolean(),
  pid: z.int(),
  usedAt: z.number(),
});

/** Closed targets beyond these are forgotten, those opened longest ago first. */
const mostClosed = 500;

/** `folder` is the engine's data folder; null: the memory lasts as long as the engine. */
export function createForwardMemory(
  folder: string | null,
  onProblem: (detail: string) => void,
): ForwardMemory {
  const file = folder === null ? volatileFile() : openStateFile(folder, onProblem);
  const targets = (): readonly RememberedTarget[] => readTargets(file.read()).targets;
  const find = (id: ForwardId): RememberedTarget | null =>
    targets().find((target) => idOf(target) === id) ?? null;
  const isOfOther = ({ open, pid }: RememberedTarget): boolean =>
    open !== null && pid !== process.pid && isAlive(pid);

  /** Nothing is written where the work gives back the list that it was given. */
  const update = (work: (targets: readonly RememberedTarget[]) => readonly RememberedTarget[]): void =>
    file.change((state) => {
      const stored = readTargets(state);
      const after = work(stored.targets);
      return after === stored.targets ? state : { ...state, forwards: toStore(forgetOldest(after), stored) };
    });
  /** Changes what is remembered of a target, where that is one of these. */
  const change = (
    id: ForwardId,
    fields: Partial<RememberedTarget>,
    which: (target: RememberedTarget) => boolean = () => true,
  ): void => {
    const isIt = (target: RememberedTarget): boolean => idOf(target) === id && which(target);
    update((all) =>
      all.some(isIt) ? all.map((target) => (isIt(target) ? { ...target, ...fields } : target)) : all,
    );
  };

  return {
    targets,
    find,
    isElsewhere(id) {
      const target = find(id);
      return target !== null && isOfOther(target);
    },
    elsewhere: () => targets().filter(isOfOther),
    opened({ id, hostId, remotePort, localPort, pinned, origin }, restore) {
      if (localPort === null) return;
      const use = { open: origin, restore, pid: process.pid, usedAt: Date.now() };
      const target = { hostId, remotePort, localPort, pinned, ...use };
      update((all) => {
        const before = all.find((one) => idOf(one) === id);
        // With the same port it cannot be that copy's: another process has got its number.
        const isOthers = before !== undefined && isOfOther(before) && before.localPort !== localPort;
        return isOthers ? all : [...all.filter((other) => idOf(other) !== id), target];
      });
    },
    closed: (id) => change(id, { open: null }, (target) => !isOfOther(target)),
    pin: (id, pinned) => change(id, { pinned }),
  };
}

export function idOf({ hostId, remotePort }: Pick<RememberedTarget, 'hostId' | 'remotePort'>): ForwardId {
  return serverId(hostId, remotePort);
}

/** What the file holds of targets. */
interface Stored {
  readonly targets: readonly RememberedTarget[];
  /** The same as they stand in the file: a newer version may say more of them. */
  readonly readable: ReadonlyMap<ForwardId, unknown>;
  /** What cannot be read is of a newer version, or somebody's own: it stays in the file. */
  readonly others: readonly unknown[];
}

function readTargets({ forwards }: State): Stored {
  const targets: RememberedTarget[] = [];
  const readable = new Map<ForwardId, unknown>();
  const others: unknown[] = [];
  for (const one of Array.isArray(forwards) ? forwards : []) {
    const read = z.safeParse(targetSchema, one);
    if (!read.success) {
      others.push(one);
      continue;
    }
    targets.push(read.data);
    readable.set(idOf(read.data), one);
  }
  return { targets, readable, others };
}

function toStore(targets: readonly RememberedTarget[], { readable, others }: Stored): readonly unknown[] {
  const kept = targets.map((target) => ({ ...(readable.get(idOf(target)) ?? {}), ...target }));
  return [...kept, ...others];
}

function forgetOldest(targets: readonly RememberedTarget[]): readonly RememberedTarget[] {
  const closed = targets.filter(({ open, restore, pinned }) => !pinned && (open === null || !restore));
  if (closed.length <= mostClosed) return targets;
  const forgotten = new Set(closed.sort((a, b) => a.usedAt - b.usedAt).slice(0, -mostClosed));
  return targets.filter((target) => !forgotten.has(target));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's process; ESRCH: none.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function volatileFile(): StateFile {
  let state: State = {};
  return {
    read: () => state,
    change(work) {
      state = work(state);
    },
  };
}
