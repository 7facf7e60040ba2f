import { type Problem, toFailure } from '#common/failure.ts';
import type { Host } from '#common/hosts.ts';
import { hasSsh, hostWithoutSsh } from '#common/select/hosts.ts';
import { groupOf } from './settings/host-groups.ts';
import { type Alias, type AliasReading, readAliases } from './ssh/config/config.ts';
import type { Resolver } from './ssh/config/resolve.ts';
import type { Store } from './store.ts';

export interface HostListDeps {
  readonly sshConfigPath: string;
  /** Reported beside those of the configuration, whenever it is read. */
  readonly otherProblems: () => readonly Problem[];
  readonly home: string;
  readonly hostRegex?: RegExp | undefined;
  /** Only hosts of this group, whatever its case. */
  readonly group?: string | undefined;
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
  /**
   * Fills every host's endpoint by `ssh -G`. A host that cannot be resolved carries the reason. Where there are more than
   * {@link maxResolved} hosts, a process for each would take minutes: nothing is asked then, and the answer is false.
   */
  resolveAll(): Promise<boolean>;
  /**
   * Fills the endpoints as far as the files alone say them: no program is run, as is right before the person has agreed to
   * anything. Nothing is filled where there are more than {@link maxResolved} hosts.
   */
  readEndpoints(): Promise<void>;
}

/** So many `ssh -G`, at 7 to 40 ms each, are some seconds. */
export const maxResolved = 1000;

export function createHostList(deps: HostListDeps): HostList {
  const { sshConfigPath, otherProblems, home, hostRegex, group, store, resolver } = deps;
  let reading: Reading = { files: [sshConfigPath], includes: [], atMs: Date.now() };
  return {
    reading: () => reading,
    async load() {
      const atMs = Date.now();
      resolver.forget();
      const read = await readAliases(sshConfigPath, { home });
      reading = { ...read, atMs };
      const { excludedHosts, hostPattern, groups } = store.current().settings;
      const excluded = new Set(excludedHosts);
      const pattern = new RegExp(hostPattern);
      const groupOfAlias = ({ alias, file, group: comment }: Alias): string | null =>
        groupOf(alias, { comment, label: null, includedFile: file === sshConfigPath ? null : file }, groups);
      const listed = read.aliases
        .filter(({ alias }) => hostRegex?.test(alias) ?? true)
        .map((one) => newHost(one.alias, groupOfAlias(one)))
        .filter((host) => group === undefined || host.group?.toLowerCase() === group.toLowerCase());
      const isWanted = ({ alias }: Host): boolean => !excluded.has(alias) && pattern.test(alias);
      store.apply({
        kind: 'hosts-listed',
        hosts: listed.filter(isWanted),
        excludedAliases: listed.filter((host) => !isWanted(host)).map(({ alias }) => alias),
        problems: [...otherProblems(), ...read.problems],
      });
    },
    async resolveAll() {
      const hosts = store.current().hosts.filter(hasSsh);
      if (hosts.length > maxResolved) return false;
      await Promise.all(
        hosts.map(async (host) => {
          const fields = await resolver.resolve(host.id).then(
            ({ hostname, port, user }) => ({ endpoint: { hostname, port, user } }),
            (error: unknown) =>
              ({ state: { kind: 'misconfigured', failure: toFailure(error, 'resolve') } }) as const,
          );
          store.apply({ kind: 'host-changed', host: { ...host, ...fields } });
        }),
      );
      return true;
    },
    async readEndpoints() {
      const hosts = store.current().hosts.filter(hasSsh);
      if (hosts.length > maxResolved) return;
      const read = await Promise.all(
        hosts.map(async (host) => {
          // What is wrong with it is said when it is scanned.
          const endpoint = await resolver.read(host.id).catch(() => null);
          return { ...host, endpoint };
        }),
      );
      store.apply({ kind: 'hosts-changed', hosts: read });
    },
  };
}

function newHost(alias: string, group: string | null): Host {
  return { ...hostWithoutSsh, id: alias, alias, group, source: { kind: 'ssh' } };
}
