import * as z from 'zod/mini';
import {
  type ForwardTarget,
  forwardId,
  isRemoteHost,
  isRemoteSocket,
  targetOf,
} from '#common/forward-target.ts';
import { type Forward, mostLabelLength } from '#common/forwards.ts';
import type { ForwardId, HostId } from '#common/ids.ts';
import { port } from '#common/settings.ts';
import { isRunning } from '../files/lock.ts';
import { openStateFile, type State, volatileFile } from './state-file.ts';

/** What outlasts a forward, so that its target has the same local port again, and it is there after a restart. */
export interface RememberedTarget extends ForwardTarget {
  readonly hostId: HostId;
  readonly localPort: number;
  /** The local port is kept for this target alone. */
  readonly pinned: boolean;
  /** The name that a person gave the target; null: none. */
  readonly label: string | null;
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
  isOfCopy(id: ForwardId): boolean;
  /** All targets that other copies of the app have open. */
  copies(): readonly RememberedTarget[];
  /** Remembers a forward's local port, and with `restore` that it is to be open again after a restart. */
  opened(forward: Forward, restore: boolean): void;
  closed(id: ForwardId): void;
  /** Whether its local port is kept, or its name. Does nothing where nothing is remembered. */
  note(id: ForwardId, traits: Partial<Pick<RememberedTarget, 'pinned' | 'label'>>): void;
  /** Resolves when the file has all of it, as far as it can. */
  settle(): Promise<void>;
}

const targetSchema = z.object({
  hostId: z.string().check(z.minLength(1), z.maxLength(300)),
  /** A file from before names ports of hosts alone. */
  remotePort: z._default(z.nullable(port), null),
  remoteHost: z._default(z.nullable(z.string().check(z.refine(isRemoteHost))), null),
  remoteSocket: z._default(z.nullable(z.string().check(z.refine(isRemoteSocket))), null),
  localPort: port,
  pinned: z.boolean(),
  // What an older version wrote has none.
  label: z._default(z.nullable(z.string().check(z.maxLength(mostLabelLength))), null),
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
  /** The latest change; whatever came before it is written with it. */
  let written: Promise<void> = Promise.resolve();
  const targets = (): readonly RememberedTarget[] => readTargets(file.read()).targets;
  const find = (id: ForwardId): RememberedTarget | null =>
    targets().find((target) => idOf(target) === id) ?? null;
  const isOfOther = ({ open, pid }: RememberedTarget): boolean =>
    open !== null && pid !== process.pid && isRunning(pid);

  /** Nothing is written where the work gives back the list that it was given. */
  const update = (work: (targets: readonly RememberedTarget[]) => readonly RememberedTarget[]): void => {
    written = file.change((state) => {
      const stored = readTargets(state);
      const after = work(stored.targets);
      return after === stored.targets ? state : { ...state, forwards: toStore(forgetOldest(after), stored) };
    });
  };
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
    isOfCopy(id) {
      const target = find(id);
      return target !== null && isOfOther(target);
    },
    copies: () => targets().filter(isOfOther),
    opened(forward, restore) {
      const { id, hostId, remotePort, remoteHost, remoteSocket, localPort, pinned, label, origin } = forward;
      if (localPort === null) return;
      const use = { open: origin, restore, pid: process.pid, usedAt: Date.now() };
      const to = { remotePort, remoteHost, remoteSocket };
      const target = { hostId, ...to, localPort, pinned, label, ...use };
      update((all) => {
        const before = all.find((one) => idOf(one) === id);
        // With the same port it cannot be that copy's: another process has got its number.
        const isOthers = before !== undefined && isOfOther(before) && before.localPort !== localPort;
        return isOthers ? all : [...all.filter((other) => idOf(other) !== id), target];
      });
    },
    closed: (id) => change(id, { open: null }, (target) => !isOfOther(target)),
    note: (id, traits) => change(id, traits),
    settle: () => written,
  };
}

export function idOf(target: ForwardTarget & Pick<RememberedTarget, 'hostId'>): ForwardId {
  return forwardId(target.hostId, target);
}

/** What the file holds of targets. */
interface Stored {
  readonly targets: readonly RememberedTarget[];
  /** The same as written in the file: a newer version may say more of them. */
  readonly readable: ReadonlyMap<ForwardId, unknown>;
  /** What cannot be read is of a newer version, or written by hand: it stays in the file. */
  readonly others: readonly unknown[];
}

function readTargets({ forwards }: State): Stored {
  const targets: RememberedTarget[] = [];
  const readable = new Map<ForwardId, unknown>();
  const others: unknown[] = [];
  for (const one of Array.isArray(forwards) ? forwards : []) {
    const read = z.safeParse(targetSchema, one);
    if (!read.success || targetOf(read.data) === null) {
      others.push(one);
      continue;
    }
    targets.push(read.data);
    readable.set(idOf(read.data), one);
  }
  return { targets, readable, others };
}

function toStore(targets: readonly RememberedTarget[], { readable, others }: Stored): readonly unknown[] {
  const kept = targets.map((target) => ({ ...(readable.get(idOf(target)) ?? {}), ...withoutNulls(target) }));
  return [...kept, ...others];
}

/** A port of a host itself is written as it always was, so that an older copy of the app reads it. */
function withoutNulls({ remotePort, remoteHost, remoteSocket, ...rest }: RememberedTarget): object {
  return {
    ...rest,
    ...(remotePort !== null && { remotePort }),
    ...(remoteHost !== null && { remoteHost }),
    ...(remoteSocket !== null && { remoteSocket }),
  };
}

function forgetOldest(targets: readonly RememberedTarget[]): readonly RememberedTarget[] {
  const closed = targets.filter(({ open, restore, pinned }) => !pinned && (open === null || !restore));
  if (closed.length <= mostClosed) return targets;
  const forgotten = new Set(closed.sort((a, b) => a.usedAt - b.usedAt).slice(0, -mostClosed));
  return targets.filter((target) => !forgotten.has(target));
}
