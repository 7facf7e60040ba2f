import { isLive, type Launch, type LaunchId } from '#common/launches.ts';
import type { FailedLaunch, NamedLaunch, News } from '#common/notices.ts';
import type { Watcher } from './events.ts';

const freshMs = 60_000;

/** Launches that become ready, or fail. How one ends that a person or its lifetime ends is no news. */
export function watchLaunches(): Watcher {
  /** Those that were on their way at the latest look; null before the first one. */
  let onTheWay: ReadonlySet<LaunchId> | null = null;
  let known: ReadonlySet<LaunchId> = new Set();
  return {
    look({ snapshot, nowMs, concerns }) {
      const launches = snapshot.launches.filter(({ hostId }) => concerns(hostId));
      // One that is met for the first time is news only where it has just been started: it may fail before it is seen.
      const isNew = ({ id, startedAt }: Launch): boolean =>
        onTheWay !== null && !known.has(id) && startedAt !== null && nowMs - startedAt < freshMs;
      const changed = launches.filter((launch) => onTheWay?.has(launch.id) === true || isNew(launch));
      onTheWay = new Set(launches.filter(isOnTheWay).map(({ id }) => id));
      known = new Set(launches.map(({ id }) => id));
      return newsOf(changed);
    },
  };
}

function isOnTheWay(launch: Launch): boolean {
  return isLive(launch) && launch.stage.kind !== 'ready';
}

function newsOf(launches: readonly Launch[]): readonly News[] {
  const named = ({ id, hostId, model, name }: Launch): NamedLaunch => ({
    launchId: id,
    hostId,
    model: model ?? name,
  });
  const ready = launches.filter(({ stage }) => stage.kind === 'ready').map(named);
  const failed = launches.flatMap((launch): readonly FailedLaunch[] =>
    launch.stage.kind === 'failed' ? [{ ...named(launch), failure: launch.stage.failure.kind }] : [],
  );
  return [
    ...(ready.length > 0 ? [{ kind: 'launch-ready', launches: ready } as const] : []),
    ...(failed.length > 0 ? [{ kind: 'launch-failed', launches: failed } as const] : []),
  ];
}
