import { setMaxListeners } from 'node:events';
import type { Host } from '#common/hosts.ts';
import { type HostId, isPrometheusHostId } from '#common/ids.ts';
import { hasSsh, isUp } from '#common/select/hosts.ts';
import type { ScanState } from '#common/snapshot.ts';
import type { Store } from '../store.ts';
import { mapBounded } from './bounded.ts';
import type { TrackedHost } from './tracked-host.ts';

export interface ScannerDeps {
  readonly store: Store;
  /** A listed host. */
  tracked(hostId: HostId): TrackedHost;
  /** Called with the hosts of a scan of all when it begins, in the order in which they are reached, and with none when it ends. */
  expect?(hostIds: readonly HostId[]): void;
}

/** Runs the scans that were asked for, one at a time, with progress in the Snapshot. */
export interface Scanner {
  /**
   * Scans the hosts, at most `limits.hosts` at once. While a scan runs a further call joins it when it names no hosts,
   * and otherwise scans the named ones beside it. Resolves when done or cancelled.
   */
  scan(hostIds?: readonly HostId[]): Promise<void>;
  /** Measures the hosts that are up once more, without looking for new servers. */
  refresh(): Promise<void>;
  cancel(): void;
  /** Cancels; resolves when nothing runs any more. */
  dispose(): Promise<void>;
}

interface Work {
  readonly report: (scan: ScanState) => void;
  /** Also look for servers. */
  readonly ports: boolean;
}

export function createScanner({ store, tracked, expect }: ScannerDeps): Scanner {
  const running = new Map<AbortController, Promise<void>>();
  let full: Promise<void> | null = null;

  const setScan = (scan: ScanState): void => store.apply({ kind: 'scan-changed', scan });

  const scanHosts = (hostIds: readonly HostId[], how: Work): Promise<void> => {
    const controller = new AbortController();
    // Every host of the scan listens to it, and hundreds are no leak.
    setMaxListeners(0, controller.signal);
    const scanned = work(hostIds, controller.signal, how).finally(() => running.delete(controller));
    running.set(controller, scanned);
    return scanned;
  };

  const work = async (
    hostIds: readonly HostId[],
    cancelled: AbortSignal,
    { report, ports }: Work,
  ): Promise<void> => {
    const startedAt = Date.now();
    const total = hostIds.length;
    report({ kind: 'running', done: 0, total, startedAt });
    queue(store, hostIds);
    const outcomes = await mapBounded(
      hostIds,
      (hostId, signal) => tracked(hostId).measure({ ports, signal }),
      {
        limit: store.current().settings.limits.hosts,
        signal: cancelled,
        onProgress: (done) => report({ kind: 'running', done, total, startedAt }),
      },
    );
    const done = outcomes.filter((outcome) => outcome.kind !== 'cancelled').length;
    if (done < total) unqueue(store, hostIds);
    report({ kind: done < total ? 'cancelled' : 'done', done, total, startedAt, finishedAt: Date.now() });
  };

  const scanAll = (): Promise<void> => {
    const { hosts } = store.current();
    const hostIds = hosts.filter(hasSsh).map(({ id }) => id);
    expect?.(hostIds);
    return scanHosts(hostIds, { report: setScan, ports: true });
  };

  const cancel = (): void => {
    for (const controller of running.keys()) controller.abort();
  };

  return {
    async scan(hostIds) {
      if (hostIds !== undefined) {
        // A few hosts tried again are no scan of the cluster: their own rows show the progress.
        await scanHosts(
          hostIds.filter((hostId) => !isPrometheusHostId(hostId)),
          { report: () => undefined, ports: true },
        );
        return;
      }
      full ??= scanAll().finally(() => {
        full = null;
        expect?.([]);
      });
      await full;
    },
    async refresh() {
      const up = store.current().hosts.filter((host) => hasSsh(host) && isUp(host.state));
      await scanHosts(
        up.map(({ id }) => id),
        { report: () => undefined, ports: false },
      );
    },
    cancel,
    async dispose() {
      cancel();
      await Promise.all(running.values());
    },
  };
}

/** Marks the hosts that are about to be tried; those that are up or show old numbers keep their state meanwhile. */
function queue(store: Store, hostIds: readonly HostId[]): void {
  const wanted = new Set(hostIds);
  const waits = ({ id, state }: Host): boolean =>
    wanted.has(id) && !isUp(state) && state.kind !== 'stale' && state.kind !== 'connecting';
  const hosts = store.current().hosts.filter(waits);
  store.apply({
    kind: 'hosts-changed',
    hosts: hosts.map((host) => ({ ...host, state: { kind: 'queued' } })),
  });
}

function unqueue(store: Store, hostIds: readonly HostId[]): void {
  const wanted = new Set(hostIds);
  const hosts = store.current().hosts.filter(({ id, state }) => wanted.has(id) && state.kind === 'queued');
  store.apply({
    kind: 'hosts-changed',
    hosts: hosts.map((host) => ({ ...host, state: { kind: 'unresolved' } })),
  });
}
