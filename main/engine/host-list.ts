import { type Problem, toFailure } from '#common/failure.ts';
import type { Host } from '#common/hosts.ts';
import { hasSsh, hostWithoutSsh } from '#common/select/hosts.ts';
import { type GroupHints, groupOf } from './settings/host-groups.ts';
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
  /** What Prometheus says of hosts by their aliases; of those that it does not know nothing. */
  readonly labelsOf?: (aliases: readonly string[]) => ReadonlyMap<string, Host['labels']>;
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
  /** The group of the host by that name, with these labels; null: none. One that is not in the configuration may have one too. */
  groupOf(name: string, labels: Host['labels']): string | null;
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
  let hints: ReadonlyMap<string, Omit<GroupHints, 'label'>> = new Map();
  const groupOfHost = (name: string, labels: Host['labels']): string | null => {
    const { groups } = store.current().settings;
    const { comment = null, includedFile = null } = hints.get(name) ?? {};
    const label = groups.label !== '' && Object.hasOwn(labels, groups.label) ? labels[groups.label] : null;
    return groupOf(name, { comment, label: label ?? null, includedFile }, groups);
  };
  return {
    reading: () => reading,
    groupOf: groupOfHost,
    async load() {
      const atMs = Date.now();
      resolver.forget();
      const read = await readAliases(sshConfigPath, { home });
      reading = { ...read, atMs };
      const { excludedHosts, hostPattern } = store.current().settings;
      const excluded = new Set(excludedHosts);
      const pattern = new RegExp(hostPattern);
      const named = read.aliases.filter(({ alias }) => hostRegex?.test(alias) ?? true);
      hints = new Map(named.map((one) => [one.alias, hintsOf(one, sshConfigPath)]));
      const labels = deps.labelsOf?.(named.map(({ alias }) => alias)) ?? new Map<string, Host['labels']>();
      const listed = named
        .map(({ alias }) => newHost(alias, groupOfHost(alias, labels.get(alias) ?? {})))
        .filter((host) => isInGroup(host.group, group));
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

/** Whether that is the group which was asked for, whatever its case; undefined: none was. */
export function isInGroup(group: string | null, wanted: string | undefined): boolean {
  return wanted === undefined || group?.toLowerCase() === wanted.toLowerCase();
}

function hintsOf({ file, group }: Alias, sshConfigPath: string): Omit<GroupHints, 'label'> {
  return { comment: group, includedFile: file === sshConfigPath ? null : file };
}

function newHost(alias: string, group: string | null): Host {
  return { ...hostWithoutSsh, id: alias, alias, group, source: { kind: 'ssh' } };
}
