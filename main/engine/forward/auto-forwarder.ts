import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import { isOwnPort } from '#common/forward-target.ts';
import type { AutoForwardEntry } from '#common/forwards.ts';
import { type HostId, serverId } from '#common/ids.ts';
import { createAlarm } from '#common/timer.ts';
import type { Resolver } from '../ssh/config/resolve.ts';
import { serverKey } from '../ssh/config/resolved.ts';
import { type Decision, decideAutoForwards, type Tracks } from './auto-forward.ts';
import type { ForwardMemory } from './memory.ts';
import { createRuleActions, type RuleActionsDeps } from './rule-actions.ts';

export interface AutoForwarderDeps extends Omit<RuleActionsDeps, 'now'> {
  readonly memory: Pick<ForwardMemory, 'copies'>;
  readonly resolver: Pick<Resolver, 'resolve'>;
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

/** Milliseconds since the epoch as this process began, and steady since: graces and pauses are not the wall clock's to change. */
const now = (): number => performance.timeOrigin + performance.now();

export function createAutoForwarder(deps: AutoForwarderDeps): AutoForwarder {
  const { store, memory, resolver, log } = deps;
  const actions = createRuleActions({ ...deps, now });
  const limit = pLimit(openAtOnce);
  let tracks: Tracks = new Map();
  const alarm = createAlarm({ background: true });
  /** Of the run that is planned. */
  let dueAt = Number.POSITIVE_INFINITY;
  let running: Promise<void> = Promise.resolve();
  let unsubscribe = (): void => undefined;
  let disposed = false;

  const show = (entries: readonly AutoForwardEntry[]): void => {
    if (isDeepStrictEqual(entries, store.current().autoForwards)) return;
    store.apply({ kind: 'parts-changed', parts: { autoForwards: entries } });
  };

  const decide = async (): Promise<Decision> => {
    const copies = memory.copies().filter(isOwnPort);
    const { servers, forwards: own, otherForwards } = store.current();
    const targets = [...servers, ...own, ...copies, ...otherForwards.forwards];
    const hostIds = new Set(targets.flatMap(({ hostId }) => hostId ?? []));
    return decideAutoForwards({
      placeOf: await placesOf([...hostIds], resolver),
      snapshot: store.current(),
      copies,
      tracks,
      now: now(),
    });
  };

  const run = async (): Promise<void> => {
    const { settings, otherForwards } = store.current();
    // Before the first look it is not known what other programs forward.
    if (disposed || !settings.autoForward.enabled || otherForwards.lookedAt === null) {
      tracks = new Map();
      show([]);
      return;
    }
    const first = await decide();
    await Promise.all(first.close.map(actions.close));
    const opened = await Promise.all(first.open.map((track) => limit(() => actions.open(track))));
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
    if (nextAt !== null) plan(Math.max(nextAt, now() + pauseMs));
  };

  const settle = (): Promise<void> => {
    alarm.cancel();
    dueAt = Number.POSITIVE_INFINITY;
    running = running.then(run).catch((error: unknown) => log('error', `auto-forward: ${String(error)}`));
    return running;
  };

  /** An earlier run that is planned already stays. */
  const plan = (at: number): void => {
    if (disposed || dueAt <= at) return;
    dueAt = at;
    alarm.after(at - now(), () => void settle());
  };

  return {
    start() {
      unsubscribe();
      unsubscribe = store.subscribe(({ servers, hosts, forwards: changed, settings, otherForwards }) => {
        if (servers ?? hosts ?? changed ?? settings ?? otherForwards) plan(now() + pauseMs);
      });
      void settle();
    },
    settle,
    async dispose() {
      disposed = true;
      unsubscribe();
      alarm.cancel();
      await running;
    },
  };
}

/** The identity of a host: one that cannot be resolved is a place of its own. */
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
