import { AppError } from '#common/failure.ts';
import { forwardId, targetOf } from '#common/forward-target.ts';
import type { Forward } from '#common/forwards.ts';
import type { ForwardId } from '#common/ids.ts';
import { isBlocked } from './blocked.ts';
import { createEntries, type Entry } from './entries.ts';
import type { OpenForward } from './forward.ts';
import { type ForwardMemory, idOf, type RememberedTarget } from './memory.ts';
import { createRestoring } from './restoring.ts';
import { createStarter, type OpenRequest, type StarterDeps, type StartRequest } from './starter.ts';

/** All forwards of this app: at most one for a target. */
export interface Forwards {
  /**
   * Resolves once it listens; the same target again gives the same forward, which is tried at once if it is away.
   * Errors: `bad-request` for fields that are no target, `port-in-use`, `port-forbidden`, `ports-exhausted`, `forwarding-prohibited`, `not-found`, those of connecting.
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
  /** Names an open forward, or a target that had one; null takes the name away. Errors: `not-found`. */
  label(id: ForwardId, label: string | null): Promise<void>;
  /** One comes back at once, also where no retry is scheduled. Errors: `not-found`. */
  retry(id: ForwardId): Promise<void>;
  /** Resolves when the local port is free; an unknown id is no error. */
  close(id: ForwardId): Promise<void>;
  /** All, or those that the rules have opened. */
  closeAll(origin?: 'auto'): Promise<void>;
  /** Closes them all for now: they are restored at the next start. */
  dispose(): Promise<void>;
}

export function createForwards(deps: StarterDeps): Forwards {
  const { store, memory } = deps;
  const entries = createEntries((forwardId) => store.apply({ kind: 'forward-closed', forwardId }));
  const starter = createStarter(deps);
  let disposed = false;

  const start = async (request: StartRequest): Promise<OpenForward> => {
    if (disposed) throw new AppError('cancelled', { step: 'forward' });
    return starter.start(request);
  };

  const startAgain = (target: RememberedTarget): Promise<OpenForward> =>
    starter.startAgain(target, () => void entries.enter(idOf(target), startAgain(target)));

  const restoring = createRestoring({ store, memory, entries, startAgain, isDisposed: () => disposed });
  const remember = (forward: OpenForward): void => memory.opened(forward.current(), restoring.hasBegun());

  const openNew = async (request: StartRequest, id: ForwardId, blocked?: Entry): Promise<Forward> => {
    const forward = await entries.enter(id, start(request), blocked).forward;
    try {
      await forward.opened;
    } catch (error) {
      // Who asked gets the error, and nothing is left behind.
      await entries.drop(id);
      throw error;
    }
    remember(forward);
    return forward.current();
  };

  const join = async (entry: Entry, { origin = 'user' }: StartRequest): Promise<Forward> => {
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
      remember(forward);
    }
    return forward.current();
  };

  const open = async (fields: OpenRequest): Promise<Forward> => {
    const target = targetOf(fields);
    if (target === null)
      throw new AppError('bad-request', { step: 'forward', detail: 'no target of a forward' });
    const request = { ...fields, ...target };
    const id = forwardId(request.hostId, request);
    await entries.get(id)?.closing;
    const entry = entries.get(id);
    if (entry === undefined) return openNew(request, id);
    if (!isBlocked(await entry.forward)) return join(entry, request);
    return entries.get(id) === entry ? openNew(request, id, entry) : open(request);
  };

  const close = (id: ForwardId): Promise<void> => {
    memory.closed(id);
    return entries.drop(id);
  };

  const forwardOf = async (id: ForwardId): Promise<OpenForward | null> =>
    (await entries.get(id)?.forward) ?? null;

  const note: (...change: Parameters<ForwardMemory['note']>) => Promise<void> = async (id, traits) => {
    const forward = await forwardOf(id);
    if (forward === null && memory.find(id) === null) throw notFound();
    forward?.change(traits);
    if (forward !== null) remember(forward);
    memory.note(id, traits);
  };

  return {
    open,
    restore: restoring.restore,
    pin: (id, pinned) => note(id, { pinned }),
    label: (id, label) => note(id, { label }),
    async retry(id) {
      const forward = await forwardOf(id);
      if (forward === null) throw notFound();
      forward.retry();
    },
    close,
    async closeAll(origin) {
      const isMeant = openedBy(origin, store.current().forwards);
      await Promise.all(entries.ids().filter(isMeant).map(close));
    },
    async dispose() {
      disposed = true;
      await restoring.settle();
      // Other copies need not wait for this process to end.
      if (!restoring.hasBegun()) for (const id of entries.ids()) memory.closed(id);
      await Promise.all(entries.ids().map(entries.drop));
    },
  };
}

function openedBy(origin: 'auto' | undefined, forwards: readonly Forward[]): (id: ForwardId) => boolean {
  if (origin === undefined) return () => true;
  const ids = new Set(forwards.filter((forward) => forward.origin === origin).map(({ id }) => id));
  return (id) => ids.has(id);
}

function notFound(): AppError {
  return new AppError('not-found', { step: 'forward', detail: 'the forward is not there any more' });
}
