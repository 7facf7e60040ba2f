import { setMaxListeners } from 'node:events';
import type { Host } from '#common/hosts.ts';
import type { HostId } from '#common/ids.ts';
import { hasSsh, isUp } from '#common/select/hosts.ts';
import { type Clock, createAlarm, systemClock } from '#common/timer.ts';
import type { Store } from '../store.ts';
import { isLookDue, type Pace, pacesOf } from './cadence.ts';
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
/** Of hosts that no window shows, so many at least are looked at in each tick, and all of them once in so many ticks. */
const leastPerTurn = 100;
const mostTurns = 10;
/** Its multiples, less their whole part, lie evenly however many there are. */
const goldenRatio = 0.618;

/** What the watcher has done with a host. */
interface Watched {
  lastStartedAt: number;
  /** So much earlier comes its first look at ports and models: those of all hosts would come together, again and again. */
  headStartMs: number;
  /** How long the latest measurement took. */
  durationMs: number;
  running: Promise<void> | null;
}

interface Row {
  readonly host: Host;
  readonly watched: Watched;
  /** Whether a window has it on the screen. */
  readonly seen: boolean;
}

interface Due extends Row {
  readonly pace: Pace;
}

export function createWatcher({ store, tracked, inView, clock = systemClock }: WatcherDeps): Watcher {
  const all = new Map<HostId, Watched>();
  const controller = new AbortController();
  // Every host measured at the moment listens to it.
  setMaxListeners(0, controller.signal);
  const alarm = createAlarm({ clock });
  let shown = true;
  let onBattery = false;

  const watchedOf = (hostId: HostId): Watched => {
    let watched = all.get(hostId);
    if (watched === undefined) {
      const headStartMs = ((all.size * goldenRatio) % 1) * store.current().settings.cadence.portsMs;
      watched = { lastStartedAt: 0, headStartMs, durationMs: 0, running: null };
      all.set(hostId, watched);
    }
    return watched;
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

  let turn = 0;
  /** Those that may be measured in this tick, how often that is to be, and how many come due between two ticks. */
  const lookAround = () => {
    const hosts = measurableHosts();
    const turns = Math.min(mostTurns, Math.max(1, Math.floor(hosts.length / leastPerTurn)));
    turn = (turn + 1) % turns;
    const rows: Row[] = [];
    let [up, upInView] = [0, 0];
    hosts.forEach((host, at) => {
      const seen = inView.has(host.id);
      if (isUp(host.state)) {
        up += 1;
        if (seen) upInView += 1;
      }
      if (seen || at % turns === turn) rows.push({ host, watched: watchedOf(host.id), seen });
    });
    const view = { hosts: up, inView: inView.isKnown() ? upInView : null, shown, onBattery };
    const paces = pacesOf(store.current().settings.cadence, view);
    const perTick = tickMs * (upInView / paces.inView.everyMs + (up - upInView) / paces.elsewhere.everyMs);
    return { rows, paces, perTick };
  };

  const isDue = ({ host, watched, pace }: Due, now: number): boolean => {
    if (watched.running !== null) return false;
    if (tracked(host.id).isDue()) return true;
    if (!isUp(host.state)) return false;
    const passedMs = now - Math.max(watched.lastStartedAt, host.measuredAt ?? 0);
    // Less than none when the clock was set back.
    return passedMs < 0 || passedMs >= Math.max(pace.everyMs, slowPaceMs(watched));
  };

  const measureOne = async ({ host, watched, pace }: Due, now: number): Promise<void> => {
    const { lookedAt, measure } = tracked(host.id);
    const passedMs = now - (lookedAt() ?? 0) + watched.headStartMs;
    const ownPace = { ...pace, everyMs: Math.max(pace.everyMs, slowPaceMs(watched)) };
    // A host that comes back shows its models at once.
    const ports = !isUp(host.state) || isLookDue(passedMs, ownPace, store.current().settings);
    if (ports) watched.headStartMs = 0;
    watched.lastStartedAt = now;
    // Not by the wall clock: a measurement during which the computer sleeps would take all night by it.
    const startedAt = clock.now();
    await measure({ ports, signal: controller.signal });
    watched.durationMs = clock.now() - startedAt;
    watched.running = null;
  };

  /** Hundreds that come due at the same moment go off within half the cadence: in one burst they would hold everything up. */
  const mostPerTick = (perTick: number): number => Math.max(fewPerTick, Math.ceil(2 * perTick));

  const startAll = (due: readonly Due[], now: number): void => {
    const size = Math.max(leastInGroup, Math.ceil(due.length / groupsPerTick));
    for (let at = 0; at < due.length; at += size) {
      const group = due.slice(at, at + size);
      const start = (): void => {
        if (controller.signal.aborted) return;
        for (const one of group) one.watched.running ??= measureOne(one, now);
      };
      if (at === 0) start();
      else clock.after((at / size) * (tickMs / groupsPerTick), start, { background: true });
    }
  };

  const tick = (): void => {
    const now = clock.wallNow();
    const { rows, paces, perTick } = lookAround();
    const due = rows
      .map((row) => ({ ...row, pace: row.seen ? paces.inView : paces.elsewhere }))
      .filter((row) => isDue(row, now))
      // What is looked at first, and of the others those that have waited longest.
      .sort((a, b) => Number(b.seen) - Number(a.seen) || a.watched.lastStartedAt - b.watched.lastStartedAt);
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
      await Promise.all([...all.values()].map(({ running }) => running));
    },
  };
}

/** A slow host is not asked more often than it can answer. */
function slowPaceMs({ durationMs }: Watched): number {
  return Math.min(4 * durationMs, slowestMs);
}
