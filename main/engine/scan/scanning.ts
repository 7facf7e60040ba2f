import type { HostId } from '#common/ids.ts';
import type { Clock } from '#common/timer.ts';
import type { Log } from '../diagnostics/log.ts';
import type { Prompts } from '../secrets/prompts.ts';
import type { MeterSource } from '../sources/host-meter.ts';
import type { Store } from '../store.ts';
import type { InView } from './in-view.ts';
import { createLogins, type Logins } from './logins.ts';
import type { Retries } from './retries.ts';
import { createScanner, type Scanner, type ScannerDeps } from './scanner.ts';
import { createTrackedHost, type TrackedHost } from './tracked-host.ts';
import { createWatcher, type Watcher } from './watcher.ts';

export interface ScanningDeps {
  readonly store: Store;
  /** The first that has a meter for a host measures it. */
  readonly sources: readonly MeterSource[];
  readonly retries: Retries;
  readonly prompts: Prompts;
  /** What the windows show. */
  readonly inView: InView;
  readonly log: Log;
  /** See Scanner. */
  readonly expect?: ScannerDeps['expect'];
  readonly clock?: Clock;
}

/** All that measures hosts, over one {@link TrackedHost} for each. */
export interface Scanning {
  readonly scanner: Scanner;
  readonly watcher: Watcher;
  readonly logins: Logins;
  /** Lets go of all hosts but these. */
  retain(hostIds: readonly HostId[]): void;
  /** Resolves when nothing is measured any more. */
  dispose(): Promise<void>;
}

export function createScanning({ store, prompts, inView, ...deps }: ScanningDeps): Scanning {
  const { retries } = deps;
  const hosts = new Map<HostId, TrackedHost>();
  const tracked = (hostId: HostId): TrackedHost => {
    let found = hosts.get(hostId);
    if (found === undefined) {
      found = createTrackedHost(hostId, { store, ...deps });
      hosts.set(hostId, found);
    }
    return found;
  };
  const stopListening = retries.onPlan((hostId, plan) => hosts.get(hostId)?.onPlan(plan));
  const retain = (hostIds: readonly HostId[]): void => {
    retries.retain(hostIds);
    const wanted = new Set(hostIds);
    for (const [hostId, open] of hosts) {
      if (wanted.has(hostId)) continue;
      open.close();
      hosts.delete(hostId);
    }
  };
  const scanner = createScanner({ store, tracked, ...(deps.expect && { expect: deps.expect }) });
  const watcher = createWatcher({ store, tracked, inView, clock: deps.clock });
  const logins = createLogins({ store, prompts, tracked, scan: scanner.scan });
  return {
    scanner,
    watcher,
    logins,
    retain,
    async dispose() {
      stopListening();
      await Promise.all([scanner.dispose(), watcher.dispose(), logins.dispose()]);
      retain([]);
    },
  };
}
