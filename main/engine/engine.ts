import pLimit from 'p-limit';
import type { EngineHandlers } from '#common/contract.ts';
import { toFailure } from '#common/errors.ts';
import type { Host, HostId, Snapshot, Source } from '#common/model.ts';
import { emptySnapshot, type Patch } from '#common/reduce.ts';
import { createForwards } from './forward/forwards.ts';
import type { Log } from './log.ts';
import { createMonitor, type Monitor } from './scan/monitor.ts';
import { createScanner } from './scan/scanner.ts';
import { createWatcher } from './scan/watcher.ts';
import type { Settings } from './settings.ts';
import { readAliases } from './ssh/config.ts';
import { createPool } from './ssh/pool.ts';
import { createResolver } from './ssh/resolve.ts';
import { createStore } from './store.ts';

export interface EngineDeps {
  readonly source: Source;
  /** Absolute path of the SSH configuration to read; it need not exist. */
  readonly sshConfigPath: string;
  readonly settings: Settings;
  readonly log: Log;
  /** The user's home directory and environment: where keys, known_hosts and the agent's socket are. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Only hosts whose alias matches. */
  readonly hostRegex?: RegExp | undefined;
  /** Ask exactly these ports for models, whether or not something is seen to listen there. Default: discover. */
  readonly remotePorts?: readonly number[] | undefined;
}

/** The engine: owns the truth about all hosts. Every face runs one and shows its Snapshot. */
export interface Engine {
  readonly handlers: EngineHandlers;
  /** The latest published Snapshot; patches given to subscribers afterwards continue from exactly this one. */
  snapshot(): Snapshot;
  /** Calls the listener with every patch, at most 10 times a second and never without a change. */
  subscribe(listener: (patch: Patch) => void): () => void;
  /** Reads the SSH configuration and lists its hosts in the Snapshot; contacts nobody. */
  loadHosts(): Promise<void>;
  /** Fills every host's endpoint by `ssh -G`; contacts nobody. A host that cannot be resolved carries the reason. */
  resolveHosts(): Promise<void>;
  /** Scans the hosts (default all) once; resolves when the scan is done or cancelled, and never rejects for a host. */
  scan(hostIds?: readonly HostId[]): Promise<void>;
  /** Keeps measuring at the cadence of the settings, until `dispose`. */
  watch(): void;
  /** Whether anybody looks: hosts are measured less often while not. */
  setShown(shown: boolean): void;
  /** Closes forwards, connections and timers; resolves when nothing is left open. Safe to call twice. */
  dispose(): Promise<void>;
}

/** Wires the parts of the engine together; nothing happens before one of its methods is called. */
export function createEngine(deps: EngineDeps): Engine {
  const { settings, log, home, env } = deps;
  const store = createStore(emptySnapshot(deps.source, settings.idleRule));
  const resolver = createResolver({
    sshConfigPath: deps.sshConfigPath,
    limit: settings.limits.configReads,
    home,
    env,
    onProblem: (problem) => store.apply({ kind: 'problem-found', problem }),
  });
  const pool = createPool({
    resolver,
    limits: {
      handshakes: settings.limits.handshakes,
      handshakesPerServer: settings.limits.handshakesPerServer,
    },
    connectMs: settings.timeouts.connectMs,
    home,
    env,
    log,
  });
  const httpLimit = pLimit(settings.limits.httpRequests);
  const monitors = new Map<HostId, Monitor>();
  const monitor = (hostId: HostId): Monitor => {
    let found = monitors.get(hostId);
    if (found === undefined) {
      found = createMonitor(hostId, {
        pool,
        store,
        settings,
        log,
        httpLimit,
        remotePorts: deps.remotePorts ?? null,
      });
      monitors.set(hostId, found);
    }
    return found;
  };
  const scanner = createScanner({ store, settings, monitor });
  const watcher = createWatcher({ store, settings, monitor });
  const forwards = createForwards({ pool, store, settings });

  return {
    handlers: {
      'snapshot.get': () => store.snapshot(),
      'scan.start': ({ hostIds }) => {
        void scanner.scan(hostIds);
        return { total: hostIds?.length ?? store.current().hosts.length };
      },
      'scan.cancel': () => {
        scanner.cancel();
        return null;
      },
      'forward.open': (request) => forwards.open(request),
      'forward.close': async ({ forwardId }) => {
        await forwards.close(forwardId);
        return null;
      },
    },
    snapshot: () => store.snapshot(),
    subscribe: (listener) => store.subscribe(listener),
    async loadHosts() {
      resolver.forget();
      const { aliases, problems } = await readAliases(deps.sshConfigPath, { home });
      const excluded = new Set(settings.excludedHosts);
      const wanted = aliases.filter(
        ({ alias }) => !excluded.has(alias) && (deps.hostRegex?.test(alias) ?? true),
      );
      store.apply({ kind: 'hosts-listed', hosts: wanted.map(({ alias }) => newHost(alias)), problems });
    },
    async resolveHosts() {
      await Promise.all(
        store.current().hosts.map(async (host) => {
          const fields = await resolver.resolve(host.id).then(
            ({ hostname, port, user }) => ({ endpoint: { hostname, port, user } }),
            (error: unknown) =>
              ({ state: { kind: 'misconfigured', failure: toFailure(error, 'resolve') } }) as const,
          );
          store.apply({ kind: 'host-changed', host: { ...host, ...fields } });
        }),
      );
    },
    scan: (hostIds) => scanner.scan(hostIds),
    watch: () => watcher.start(),
    setShown: (shown) => watcher.setShown(shown),
    async dispose() {
      await Promise.all([scanner.dispose(), watcher.dispose()]);
      await forwards.dispose();
      for (const open of monitors.values()) open.close();
      await pool.dispose();
      store.dispose();
    },
  };
}

function newHost(alias: string): Host {
  return {
    id: alias,
    alias,
    endpoint: null,
    state: { kind: 'unresolved' },
    gpus: [],
    measuredAt: null,
    driverVersion: null,
    forwarding: 'unknown',
  };
}
