import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import { toFailure } from '#common/errors.ts';
import type { AutoForwardEntry, ForeignForward } from '#common/forwards.ts';
import { type HostId, serverId } from '#common/model.ts';
import type { TmuxForwardRequest } from '../elsewhere/open-tmux.ts';
import type { Log } from '../log.ts';
import type { Resolver } from '../ssh/resolve.ts';
import { serverKey } from '../ssh/resolved.ts';
import type { Store } from '../store.ts';
import { type Decision, decideAutoForwards, type Track, type Tracks } from './auto-forward.ts';
import type { Forwards } from './forwards.ts';
import type { ForwardMemory } from './memory.ts';

export interface AutoForwarderDeps {
  readonly store: Store;
  readonly forwards: Pick<Forwards, 'open' | 'close'>;
  readonly memory: Pick<ForwardMemory, 'elsewhere'>;
  readonly resolver: Pick<Resolver, 'resolve'>;
  /** Opens a forward in a tmux session, and ends one. */
  readonly tmux: {
    openTmuxForward(request: TmuxForwardRequest): Promise<ForeignForward>;
    kill(foreignId: string): Promise<void>;
  };
  readonly log: Log;
}

/** Does what the auto-forward rules of the settings decide, and keeps `Snapshot.autoForwards`. */
export interface AutoForwarder {
  /** From now on, whenever something has changed. To be called after a scan, or models would be taken for gone. */
  start(): void;
  /** Resolves when what the rules want now is done, or has failed. */
  settle(): Promise<void>;
  /** Leaves the forwards that are open; resolves when nothing is under way. */
  dispose(): Promise<void>;
}

/** Changes come in bursts: a scan, ten patches a second. */
const pauseMs = 500;
const openAtOnce = 8;
/** What the range of ports, a pinned one or tmux had against it may have changed by then. */
const retryMs = 60_000;

export function createAutoForwarder(deps: AutoForwarderDeps): AutoForwarder {
  const { store, forwards, memory, resolver, tmux, log } = deps;
  const limit = pLimit(openAtOnce);
  let tracks: Tracks = new Map();
  let timer: NodeJS.Timeout | null = null;
  let dueAt = Number.POSITIVE_INFINITY;
  let running: Promise<void> = Promise.resolve();
  let unsubscribe = (): void => undefined;
  let disposed = false;

  const show = (entries: readonly AutoForwardEntry[]): void => {
    if (isDeepStrictEqual(entries, store.current().autoForwards)) return;
    store.apply({ kind: 'parts-changed', parts: { autoForwards: entries } });
  };

  const open = async (track: Track): Promise<Track> => {
    const { hostId, remotePort } = track;
    try {
      if (!store.current().settings.autoForward.tmux) {
        await forwards.open({ hostId, remotePort, origin: 'auto' });
        return { ...track, opened: 'here', failed: null };
      }
      const { id } = await tmux.openTmuxForward({ hostId, remotePort });
      return { ...track, opened: { foreignId: id }, failed: null };
    } catch (error) {
      const failure = toFailure(error, 'forward', Date.now() + retryMs);
      log('info', `${hostId}:${remotePort} is not forwarded: ${failure.code}`);
      return { ...track, failed: failure };
    }
  };

  const close = async ({ hostId, remotePort, opened }: Track): Promise<void> => {
    if (typeof opened === 'string') await forwards.close(serverId(hostId, remotePort));
    // It may have ended by itself.
    else await tmux.kill(opened.foreignId).catch(() => undefined);
  };

  const decide = async (): Promise<Decision> => {
    const copies = memory.elsewhere();
    const { servers, forwards: own, elsewhere } = store.current();
    const targets = [...servers, ...own, ...copies, ...elsewhere.forwards];
    const hostIds = new Set(targets.flatMap(({ hostId }) => hostId ?? []));
    return decideAutoForwards({
      placeOf: await placesOf([...hostIds], resolver),
      snapshot: store.current(),
      copies,
      tracks,
      now: Date.now(),
    });
  };

  const run = async (): Promise<void> => {
    const { settings, elsewhere } = store.current();
    // Before the first look at other programs nobody knows what they forward.
    if (disposed || !settings.autoForward.enabled || elsewhere.lookedAt === null) {
      tracks = new Map();
      show([]);
      return;
    }
    const first = await decide();
    await Promise.all(first.close.map(close));
    const opened = await Promise.all(first.open.map((track) => limit(() => open(track))));
    const changed = new Map(first.tracks);
    for (const track of opened) changed.set(serverId(track.hostId, track.remotePort), track);
    tracks = changed;
    // What was done shows in the Snapshot by now.
    const {
      entries,
      tracks: after,
      nextAt,
    } = opened.length + first.close.length > 0 ? await decide() : first;
    tracks = after;
    show(entries);
    if (nextAt !== null) plan(Math.max(nextAt, Date.now() + pauseMs));
  };

  const settle = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    dueAt = Number.POSITIVE_INFINITY;
    running = running.then(run).catch((error: unknown) => log('error', `auto-forward: ${String(error)}`));
    return running;
  };

  /** An earlier run that is planned already stays. */
  const plan = (at: number): void => {
    if (disposed || dueAt <= at) return;
    if (timer !== null) clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(() => void settle(), at - Date.now()).unref();
  };

  return {
    start() {
      unsubscribe();
      unsubscribe = store.subscribe(({ servers, hosts, forwards: changed, settings, elsewhere }) => {
        if (servers ?? hosts ?? changed ?? settings ?? elsewhere) plan(Date.now() + pauseMs);
      });
      void settle();
    },
    settle,
    async dispose() {
      disposed = true;
      unsubscribe();
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}

/** What hosts are told apart by: one that cannot be resolved is a place of its own. */
async function placesOf(
  hostIds: readonly HostId[],
  resolver: Pick<Resolver, 'resolve'>,
): Promise<(hostId: HostId) => string> {
  const places = await Promise.all(
    hostIds.map((hostId) => resolver.resolve(hostId).then(serverKey, () => `alias ${hostId}`)),
  );
  const known = new Map(hostIds.map((hostId, at) => [hostId, places[at] ?? hostId]));
  return (hostId) => known.get(hostId) ?? `alias ${hostId}`;
}
