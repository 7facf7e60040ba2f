import { toFailure } from '#common/errors.ts';
import type { Host } from '#common/model.ts';
import type { Settings } from './settings.ts';
import { type AliasReading, readAliases } from './ssh/config.ts';
import type { Resolver } from './ssh/resolve.ts';
import type { Store } from './store.ts';

export interface HostListDeps {
  readonly sshConfigPath: string;
  readonly settings: Settings;
  readonly home: string;
  readonly hostRegex?: RegExp | undefined;
  readonly store: Store;
  readonly resolver: Resolver;
}

/** What was read, and when the reading began. */
export interface Reading extends Pick<AliasReading, 'files' | 'includes'> {
  readonly atMs: number;
}

/** The hosts of the SSH configuration in the Snapshot. */
export interface HostList {
  /** Reads the configuration and lists its hosts; what was learnt of a host that is still there stays. */
  load(): Promise<void>;
  /** What the latest `load` has read. */
  reading(): Reading;
  /** Fills every host's endpoint by `ssh -G`. A host that cannot be resolved carries the reason. */
  resolveAll(): Promise<void>;
}

export function createHostList(deps: HostListDeps): HostList {
  const { sshConfigPath, settings, home, hostRegex, store, resolver } = deps;
  let reading: Reading = { files: [sshConfigPath], includes: [], atMs: Date.now() };
  return {
    reading: () => reading,
    async load() {
      const atMs = Date.now();
      resolver.forget();
      const read = await readAliases(sshConfigPath, { home });
      reading = { ...read, atMs };
      const excluded = new Set(settings.excludedHosts);
      const wanted = read.aliases.filter(
        ({ alias }) => !excluded.has(alias) && (hostRegex?.test(alias) ?? true),
      );
      const hosts = wanted.map(({ alias }) => newHost(alias));
      store.apply({ kind: 'hosts-listed', hosts, problems: read.problems });
    },
    async resolveAll() {
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
    cudaVersion: null,
    system: null,
    forwarding: 'unknown',
  };
}
