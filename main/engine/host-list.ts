import { toFailure } from '#common/errors.ts';
import type { Host, Problem } from '#common/model.ts';
import { type AliasReading, readAliases } from './ssh/config.ts';
import type { Resolver } from './ssh/resolve.ts';
import type { Store } from './store.ts';

export interface HostListDeps {
  readonly sshConfigPath: string;
  /** Told beside those of the configuration, whenever it is read. */
  readonly otherProblems: () => readonly Problem[];
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
  const { sshConfigPath, otherProblems, home, hostRegex, store, resolver } = deps;
  let reading: Reading = { files: [sshConfigPath], includes: [], atMs: Date.now() };
  return {
    reading: () => reading,
    async load() {
      const atMs = Date.now();
      resolver.forget();
      const read = await readAliases(sshConfigPath, { home });
      reading = { ...read, atMs };
      const { excludedHosts, hostPattern } = store.current().settings;
      const excluded = new Set(excludedHosts);
      const pattern = new RegExp(hostPattern);
      const aliases = read.aliases
        .map(({ alias }) => alias)
        .filter((alias) => hostRegex?.test(alias) ?? true);
      const isWanted = (alias: string): boolean => !excluded.has(alias) && pattern.test(alias);
      store.apply({
        kind: 'hosts-listed',
        hosts: aliases.filter(isWanted).map(newHost),
        excludedAliases: aliases.filter((alias) => !isWanted(alias)),
        problems: [...otherProblems(), ...read.problems],
      });
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
    client: null,
    forwarding: 'unknown',
  };
}
