import { setMaxListeners } from 'node:events';
import type { Host } from '#common/hosts.ts';
import type { HostId } from '#common/ids.ts';
import { hasSsh, isUp } from '#common/select/hosts.ts';
import { type Clock, createAlarm, systemClock } from '#common/timer.ts';
import type { Store } from '../store.ts';
import { pacesOf } from './cadence.ts';
import type { InView } from './in-view.ts';
import type { TrackedHost } from './tracked-host.ts';

export interface WatcherDeps {
  readonly store: Store;
  tracked(hostId: HostId): TrackedHost;
  readonly inView: Pick<InView, 'has' | 'isKnown'>;
  readonly clock?: Clock | undefined;
}

/** Measures again and again: hosts that are up at their cadence (see cadence.ts), failed ones when their next attempt is due. */
export interface Watcher {
  start(): void;
  /** While no window shows them, hosts are measured at the slower cadence. Shown again, those that are due come soon. */
  setShown(shown: boolean): void;
  setOnBattery(onBattery: boolean): void;
  dispose(): Promise<void>;
}

/** How often due hosts are looked for; far below every cadence, and one timer for all hosts. */
const tickMs = 100;
/** However long a measurement took, the next one begins after this: macOS counts sleep as time that passes. */
const slowestMs = 300_000;
/** So many may always be started between two looks. */
const fewPerTick = 16;
/** They are started in so many groups, of at least so many: all their answers would come in one burst as well. */
const groupsPerTick = 5;
const leastInGroup = 4;

interface Pace {
  lastStartedAt: number;
  lastPortsAt: number;
  /** How long the latest measurement took: a slow host is not asked more often than it can answer. */
  durationMs: number;
  running: Promise<void> | null;
}

interface Row {
  readonly host: Host;
  readonly pace: Pace;
  /** Whether a window has it on the screen. */
  readonly seen: boolean;
}

export function createWatcher({ store, tracked, inView, clock = systemClock }: WatcherDeps): Watcher {
  const paces = new Map<HostId, Pace>();
  const controller = new AbortController();
  // Every host measured at the moment listens to it.
  setMaxListeners(0, controller.signal);
  const alarm = createAlarm({ clock });
  let shown = true;
  let onBattery = false;

  const paceOf = (hostId: HostId): Pace => {
    let pace = paces.get(hostId);
    if (pace === undefined) {
      pace = { lastStartedAt: 0, lastPortsAt: clock.wallNow(), durationMs: 0, running: null };
      paces.set(hostId, pace);
    }
    return pace;
  };

  let listed: readonly Host[] = [];
  let measurable: readonly Host[] = [];
  /** Looked for once in each list: there may be thousands of which Prometheus alone knows, and ten ticks a second. */
  const measurableHosts = (): readonly Host[] => {
    const { hosts } = store.current();
    if (hosts !== listed) {
      listed = hosts;
      measurable = hosts.filter(hasSsh);
    }
    return measurable;
  };

  const rowsNow = (): readonly Row[] =>
    measurableHosts().map((host) => ({ host, pace: paceOf(host.id), seen: inView.has(host.id) }));

  /** How often they are to be measured now. */
  const ratesOf = (rows: readonly Row[]) => {
    const up = rows.filter(({ host }) => isUp(host.state));
    const seen = up.filter((row) => row.seen).length;
    const view = { hosts: up.length, inView: inView.isKnown() ? seen : null, shown, onBattery };
    const paces = pacesOf(store.current().settings.cadence, view);
    return { ...paces, perTick: tickMs * (seen / paces.inViewMs + (up.length - seen) / paces.elsewhereMs) };
  };

  const isDue = ({ host, pace }: Row, { now, paceMs }: { now: number; paceMs: number }): boolean => {
    if (pace.running !== null) return false;
    if (tracked(host.id).isDue()) return true;
    if (!isUp(host.state)) return false;
    const passedMs = now - Math.max(pace.lastStartedAt, host.measuredAt ?? 0);
    // Less than none when the clock was set back.
    return passedMs < 0 || passedMs >= Math.max(paceMs, Math.min(4 * pace.durationMs, slowestMs));
  };

  const measure = async (host: Host, pace: Pace, now: number): Promise<void> => {
    // A host that comes back shows its models at once.
    const ports = !isUp(host.state) || now - pace.lastPortsAt >= store.current().settings.cadence.portsMs;
    if (ports) pace.lastPortsAt = now;
    pace.lastStartedAt = now;
    // Not by the wall clock: a measurement during which the computer sleeps would take all night by it.
    const startedAt = clock.now();
    await tracked(host.id).measure({ ports, signal: controller.signal });
    pace.durationMs = clock.now() - startedAt;
    pace.running = null;
  };

  /** Hundreds that come due at the same moment go off within half the cadence: in one burst they would hold everything up. */
  const mostPerTick = (perTick: number): number => Math.max(fewPerTick, Math.ceil(2 * perTick));

  const startAll = (rows: readonly Row[], now: number): void => {
    const size = Math.max(leastInGroup, Math.ceil(rows.length / groupsPerTick));
    for (let at = 0; at < rows.length; at += size) {
      const group = rows.slice(at, at + size);
      const start = (): void => {
        if (controller.signal.aborted) return;
        for (const { host, pace } of group) pace.running ??= measure(host, pace, now);
      };
      if (at === 0) start();
      else clock.after((at / size) * (tickMs / groupsPerTick), start, { background: true });
    }
  };

  const tick = (): void => {
    const now = clock.wallNow();
    const rows = rowsNow();
    const { inViewMs, elsewhereMs, perTick } = ratesOf(rows);
    const due = rows
      .filter((row) => isDue(row, { now, paceMs: row.seen ? inViewMs : elsewhereMs }))
      // What is looked at first, and of the others those that have waited longest.
      .sort((a, b) => Number(b.seen) - Number(a.seen) || a.pace.lastStartedAt - b.pace.lastStartedAt);
    startAll(due.slice(0, mostPerTick(perTick)), now);
  };

  return {
    start: () => alarm.every(tickMs, tick),
    setShown(next) {
      shown = next;
    },
    setOnBattery(next) {
      onBattery = next;
    },
    async dispose() {
      alarm.cancel();
      controller.abort();
      await Promise.all([...paces.values()].map((pace) => pace.running));
    },
  };
}
