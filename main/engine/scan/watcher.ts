import { setMaxListeners } from 'node:events';
import type { Host, HostId } from '#common/model.ts';
import { failureOf, isUp } from '#common/select.ts';
import type { Store } from '../store.ts';
import type { Monitor } from './monitor.ts';

export interface WatcherDeps {
  readonly store: Store;
  monitor(hostId: HostId): Monitor;
}

/** Measures again and again: hosts that are up at the cadence of the settings, failed ones when their next attempt is due. */
export interface Watcher {
  start(): void;
  /** While nobody looks, hosts are measured at the slower cadence. Shown again, those that are due come soon. */
  setShown(shown: boolean): void;
  setOnBattery(onBattery: boolean): void;
  dispose(): Promise<void>;
}

/** How often due hosts are looked for; far below every cadence, and one timer for all hosts. */
const tickMs = 100;
/** However long a measurement took, the next one begins after this: macOS counts sleep as time that passes. */
const slowestMs = 300_000;
/** So many may always be started at once. */
const fewAtOnce = 16;

interface Pace {
  lastStartedAt: number;
  lastPortsAt: number;
  /** How long the latest measurement took: a slow host is not asked more often than it can answer. */
  durationMs: number;
  running: Promise<void> | null;
}

export function createWatcher({ store, monitor }: WatcherDeps): Watcher {
  const paces = new Map<HostId, Pace>();
  const controller = new AbortController();
  // Every host measured at the moment listens to it.
  setMaxListeners(0, controller.signal);
  let timer: NodeJS.Timeout | null = null;
  let shown = true;
  let onBattery = false;

  const paceOf = (hostId: HostId): Pace => {
    let pace = paces.get(hostId);
    if (pace === undefined) {
      pace = { lastStartedAt: 0, lastPortsAt: Date.now(), durationMs: 0, running: null };
      paces.set(hostId, pace);
    }
    return pace;
  };

  const baseMs = (): number => {
    const { gpusMs, hiddenMs, batteryMs } = store.current().settings.cadence;
    return Math.max(shown ? gpusMs : hiddenMs, onBattery ? batteryMs : 0);
  };

  const isDue = (host: Host, pace: Pace, now: number): boolean => {
    if (pace.running !== null) return false;
    if (isUp(host.state)) {
      const passedMs = now - Math.max(pace.lastStartedAt, host.measuredAt ?? 0);
      // Less than none when the clock was set back.
      return passedMs < 0 || passedMs >= Math.max(baseMs(), Math.min(4 * pace.durationMs, slowestMs));
    }
    const nextAttemptAt = failureOf(host.state)?.nextAttemptAt ?? null;
    return nextAttemptAt !== null && now >= nextAttemptAt;
  };

  const measure = async (host: Host, pace: Pace, now: number): Promise<void> => {
    // A host that comes back shows its models at once.
    const ports = !isUp(host.state) || now - pace.lastPortsAt >= store.current().settings.cadence.portsMs;
    if (ports) pace.lastPortsAt = now;
    pace.lastStartedAt = now;
    // Not by the wall clock: a measurement during which the computer sleeps would take all night by it.
    const startedAt = performance.now();
    await monitor(host.id).measure({ ports, signal: controller.signal });
    pace.durationMs = performance.now() - startedAt;
    pace.running = null;
  };

  /** Hundreds that come due at the same moment go off within half the cadence: in one burst they would hold everything up. */
  const mostAtOnce = (): number =>
    Math.max(fewAtOnce, Math.ceil((2 * store.current().hosts.length * tickMs) / baseMs()));

  const tick = (): void => {
    const now = Date.now();
    const due = store
      .current()
      .hosts.map((host) => ({ host, pace: paceOf(host.id) }))
      .filter(({ host, pace }) => isDue(host, pace, now))
      .sort((a, b) => a.pace.lastStartedAt - b.pace.lastStartedAt);
    for (const { host, pace } of due.slice(0, mostAtOnce())) pace.running = measure(host, pace, now);
  };

  return {
    start() {
      timer ??= setInterval(tick, tickMs);
    },
    setShown(next) {
      shown = next;
    },
    setOnBattery(next) {
      onBattery = next;
    },
    async dispose() {
      if (timer !== null) clearInterval(timer);
      timer = null;
      controller.abort();
      await Promise.all([...paces.values()].map((pace) => pace.running));
    },
  };
}
