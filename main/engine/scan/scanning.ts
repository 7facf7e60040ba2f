import pLimit from 'p-limit';
import type { HostId, ServerId } from '#common/model.ts';
import type { Log } from '../log.ts';
import type { Prompts } from '../prompts.ts';
import type { Pool } from '../ssh/pool.ts';
import type { Store } from '../store.ts';
import { createLogins, type Logins } from './logins.ts';
import { createMonitor, type Monitor } from './monitor.ts';
import { createScanner, type Scanner } from './scanner.ts';
import { createWatcher, type Watcher } from './watcher.ts';

export interface ScanningDeps {
  readonly store: Store;
  readonly pool: Pool;
  readonly prompts: Prompts;
  readonly log: Log;
  readonly remotePorts: readonly number[] | null;
  readonly apiKeyFor: (serverId: ServerId) => string | null;
}

/** All that measures hosts, over one monitor for each. */
export interface Scanning {
  readonly scanner: Scanner;
  readonly watcher: Watcher;
  readonly logins: Logins;
  /** At most so many HTTP requests to model servers at once. */
  limitHttp(requests: number): void;
  /** Lets go of all hosts but these. */
  retain(hostIds: readonly HostId[]): void;
  /** Resolves when nothing is measured any more. */
  dispose(): Promise<void>;
}

export function createScanning({ store, pool, prompts, log, ...asking }: ScanningDeps): Scanning {
  const httpLimit = pLimit(store.current().settings.limits.httpRequests);
  const monitors = new Map<HostId, Monitor>();
  const monitor = (hostId: HostId): Monitor => {
    let found = monitors.get(hostId);
    if (found === undefined) {
      found = createMonitor(hostId, { store, pool, log, httpLimit, ...asking });
      monitors.set(hostId, found);
    }
    return found;
  };
  const retain = (hostIds: readonly HostId[]): void => {
    for (const [hostId, open] of monitors) {
      if (hostIds.includes(hostId)) continue;
      open.close();
      monitors.delete(hostId);
    }
  };
  const scanner = createScanner({ store, monitor });
  const watcher = createWatcher({ store, monitor });
  const logins = createLogins({ store, prompts, monitor, scan: scanner.scan });
  return {
    scanner,
    watcher,
    logins,
    limitHttp(requests) {
      httpLimit.concurrency = requests;
    },
    retain,
    async dispose() {
      await Promise.all([scanner.dispose(), watcher.dispose(), logins.dispose()]);
      retain([]);
    },
  };
}
