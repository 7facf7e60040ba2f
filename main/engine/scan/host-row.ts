import { lostServer } from '#common/freshness.ts';
import type { Host } from '#common/hosts.ts';
import type { HostId } from '#common/ids.ts';
import type { ModelServer } from '#common/servers.ts';
import { type Clock, systemClock } from '#common/timer.ts';
import type { Store } from '../store.ts';
import { afterOutcome, isDue, type Moment, type Outcome, type Tracked, untried } from './host-state.ts';
import type { Plan } from './retry-clock.ts';

export interface HostRowDeps {
  readonly store: Store;
  /** What the host's retry clock has planned. */
  readonly plan: () => Plan | null;
  readonly clock?: Clock | undefined;
}

/** What is known of one host: its row of the Snapshot with its model servers, and the time of its next attempt. */
export interface HostRow {
  /** Undefined for a host that is not listed any more. */
  host(): Host | undefined;
  servers(): readonly ModelServer[];
  setServers(servers: readonly ModelServer[]): void;
  /** Changes what the outcome changes; of no effect on a host that is not listed any more. */
  apply(outcome: Outcome): void;
  /** Whether it is time for the attempt that follows a failure or the loss of the connection. */
  isDue(): boolean;
}

export function createHostRow(hostId: HostId, { store, plan, clock = systemClock }: HostRowDeps): HostRow {
  let { next, failures } = untried;

  /** Where the host stood in the list: it seldom moves, and among a thousand it would be looked for a hundred thousand times a second. */
  let at = -1;

  const host = (): Host | undefined => {
    const { hosts } = store.current();
    if (hosts[at]?.id !== hostId) at = hosts.findIndex(({ id }) => id === hostId);
    return hosts[at];
  };
  const servers = (): readonly ModelServer[] =>
    store.current().servers.filter((server) => server.hostId === hostId);
  const setServers = (found: readonly ModelServer[]): void =>
    store.apply({ kind: 'servers-found', hostId, servers: found });

  const tracked = (): Tracked | null => {
    const listed = host();
    return listed === undefined ? null : { host: listed, next, failures };
  };
  const moment = (): Moment => ({
    wallMs: clock.wallNow(),
    monotonicMs: clock.now(),
    random: Math.random(),
    plan: plan(),
  });

  return {
    host,
    servers,
    setServers,
    apply(outcome) {
      const before = tracked();
      if (before === null) return;
      const change = afterOutcome(before, outcome, moment());
      ({ next, failures } = change);
      if (Object.keys(change.fields).length > 0)
        store.apply({ kind: 'host-changed', host: { ...before.host, ...change.fields }, at });
      const since = before.host.measuredAt;
      if (change.servers === 'lost')
        setServers(servers().map((server) => lostServer(server, { what: 'host', since })));
      if (change.servers === 'gone') setServers([]);
    },
    isDue() {
      const now = tracked();
      return now !== null && isDue(now, { monotonicMs: clock.now(), plan: plan() });
    },
  };
}
