/** Looks for launches on hosts, and follows those that run until they are over. */

import pLimit from 'p-limit';
import { messageOf } from '#common/failure.ts';
import type { HostId } from '#common/ids.ts';
import { isLive, type Launch, type LaunchId } from '#common/launches.ts';
import { createAlarm } from '#common/timer.ts';
import type { Log } from '../diagnostics/log.ts';
import type { Retries } from '../scan/retries.ts';
import type { Pool } from '../ssh/pool.ts';
import type { Store } from '../store.ts';
import { createHostLaunches, type HostLaunches } from './host-launches.ts';

export interface LaunchWatchDeps {
  readonly store: Store;
  readonly pool: Pick<Pool, 'get'>;
  readonly retries: Retries;
  readonly log: Log;
  /** Called once for a launch that was to be announced, when it is ready. */
  readonly onReady: (launch: Launch) => Promise<void>;
}

export interface LaunchWatch {
  on(hostId: HostId): HostLaunches;
  /** Brings the launches of a host into the Snapshot. Errors: those of the host. */
  look(hostId: HostId): Promise<void>;
  /** The same for several; a host that does not answer keeps what is known of it. */
  lookAt(hostIds: readonly HostId[]): Promise<void>;
  /** Announces the launch when it is ready. */
  announce(id: LaunchId): void;
  dispose(): Promise<void>;
}

const followMs = 2000;
const hostsAtOnce = 8;

export function createLaunchWatch({ store, pool, retries, log, onReady }: LaunchWatchDeps): LaunchWatch {
  const ended = new AbortController();
  const { signal } = ended;
  const alarm = createAlarm({ background: true });
  const awaited = new Set<LaunchId>();
  const limit = pLimit(hostsAtOnce);
  let following: Promise<unknown> = Promise.resolve();

  const on = (hostId: HostId): HostLaunches =>
    createHostLaunches({
      pool: { get: (alias, options) => retries.of(alias).attempt(() => pool.get(alias, options)) },
      hostId,
      httpMs: store.current().settings.timeouts.httpMs,
      signal,
    });

  const look = async (hostId: HostId): Promise<void> => {
    const launches = await on(hostId).look();
    store.apply({ kind: 'launches-found', hostId, launches });
    for (const launch of launches) settle(launch);
    followLater();
  };

  const settle = (launch: Launch): void => {
    const { id, stage } = launch;
    if (isLive(launch) && stage.kind !== 'ready') return;
    if (!awaited.delete(id) || stage.kind !== 'ready') return;
    onReady(launch).catch((error: unknown) => {
      if (!signal.aborted) log('warn', `${id} is ready: ${messageOf(error)}`);
    });
  };

  const lookAt = async (hostIds: readonly HostId[]): Promise<void> => {
    const one = (hostId: HostId) =>
      look(hostId).catch((error: unknown) => {
        if (!signal.aborted) log('debug', `launches of ${hostId}: ${messageOf(error)}`);
      });
    await Promise.all(hostIds.map((hostId) => limit(() => one(hostId))));
  };

  const followLater = (): void => {
    if (signal.aborted || alarm.isSet() || !store.current().launches.some(isLive)) return;
    alarm.after(followMs, () => {
      following = lookAt(dueHosts(store, retries)).then(followLater);
    });
  };

  return {
    on,
    look,
    lookAt,
    announce: (id) => void awaited.add(id),
    async dispose() {
      ended.abort();
      alarm.cancel();
      await following;
    },
  };
}

/** The hosts of live launches; one that is away is tried when its clock says so. */
function dueHosts(store: Store, retries: Retries): readonly HostId[] {
  const ids = new Set(
    store
      .current()
      .launches.filter(isLive)
      .map(({ hostId }) => hostId),
  );
  return [...ids].filter((hostId) => retries.of(hostId).plan() === null || retries.of(hostId).isDue());
}
