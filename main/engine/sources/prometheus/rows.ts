/** The hosts of all sources, joined with those of the SSH configuration: each host has one row. Pure. */

import type { Host } from '#common/hosts.ts';
import { type HostId, prometheusHostId } from '#common/ids.ts';
import { type AmbiguousName, type PrometheusSource, sourceName } from '#common/prometheus.ts';
import type { PrometheusRows } from '#common/reduce.ts';
import { isUp } from '#common/select/hosts.ts';
import type { ModelServer } from '#common/servers.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { type Entry, type RowOptions, readingOf, rowOf } from './entries.ts';
import { createJoiner } from './join.ts';

export interface KnownSource {
  readonly source: PrometheusSource;
  /** By the name that Prometheus has. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly staleAfterMs: number;
}

/** Where a host is known: the source, and what it calls the host. */
export interface KnownPlace {
  readonly sourceId: string;
  readonly name: string;
}

export interface JoinedRows extends Omit<PrometheusRows, 'states'> {
  /** By source. */
  readonly ambiguous: ReadonlyMap<string, readonly AmbiguousName[]>;
  readonly places: ReadonlyMap<HostId, readonly KnownPlace[]>;
}

interface Found {
  readonly entry: Entry;
  readonly origin: RowOptions['origin'];
}

export interface Listed extends Pick<Snapshot, 'hosts' | 'excludedAliases'> {
  /** Whether a host that only Prometheus knows is to be shown. */
  readonly isWanted: (name: string) => boolean;
  readonly groupOf: (name: string, labels: Host['labels']) => string | null;
  /** Whether hosts of this group are to be shown. */
  readonly isWantedGroup: (group: string | null) => boolean;
}

/** A host that several sources know is that of the first one with current values. */
export function joinRows(
  sources: readonly KnownSource[],
  { hosts, excludedAliases, isWanted, groupOf, isWantedGroup }: Listed,
): JoinedRows {
  const bySsh = new Map(hosts.flatMap((host) => (host.source.kind === 'ssh' ? [[host.alias, host]] : [])));
  const join = createJoiner([
    ...[...bySsh.values()].map(({ alias, endpoint }) => ({ alias, hostname: endpoint?.hostname ?? null })),
    ...excludedAliases.map((alias) => ({ alias, hostname: null })),
  ]);
  const own = new Map<string, Found & Pick<RowOptions, 'without' | 'group'>>();
  const joined = new Map<string, Found>();
  const ambiguous = new Map<string, AmbiguousName[]>();
  const places = new Map<HostId, KnownPlace[]>();
  for (const { source, entries, staleAfterMs } of sources)
    for (const [name, entry] of entries) {
      const { instance } = entry.found;
      const origin = {
        kind: 'prometheus',
        sourceId: source.id,
        name: sourceName(source),
        host: name,
        instance,
        staleAfterMs,
      } as const;
      const to = join(name, chosenFor(name, source));
      if (to.kind === 'ambiguous')
        ambiguous.set(source.id, [...(ambiguous.get(source.id) ?? []), { name, aliases: to.aliases }]);
      const alias = to.kind === 'joined' ? to.alias : name;
      if (!isWanted(alias)) continue;
      const isJoined = to.kind === 'joined' && bySsh.has(alias);
      if (isJoined) putBetter(joined, alias, { entry, origin });
      else {
        const without = to.kind === 'joined' ? 'switched-off' : 'unlisted';
        const group = groupOf(alias, entry.found.labels);
        if (!isWantedGroup(group)) continue;
        putBetter(own, alias, { entry, origin: { ...origin, host: alias }, without, group });
      }
      const id = isJoined ? alias : prometheusHostId(alias);
      places.set(id, [...(places.get(id) ?? []), { sourceId: source.id, name }]);
    }
  const rows = [...own.values()].map(({ entry, ...options }) => rowOf(entry, options));
  rows.sort((a, b) => (a.host.alias < b.host.alias ? -1 : 1));
  return {
    hosts: rows.map(({ host }) => host),
    servers: rows.flatMap(({ servers }): readonly ModelServer[] => servers),
    beside: besideOf(joined, bySsh, groupOf),
    ambiguous,
    places,
  };
}

/** Labels of those of these aliases that a source knows, whether or not they are listed. */
export function labelsByAlias(
  sources: readonly KnownSource[],
  aliases: readonly string[],
  { hosts }: Pick<Snapshot, 'hosts'>,
): ReadonlyMap<string, Host['labels']> {
  const found = new Map<string, Host['labels']>();
  if (sources.every(({ entries }) => entries.size === 0)) return found;
  const hostnames = new Map(hosts.map(({ alias, endpoint }) => [alias, endpoint?.hostname ?? null]));
  const join = createJoiner(aliases.map((alias) => ({ alias, hostname: hostnames.get(alias) ?? null })));
  for (const { source, entries } of sources)
    for (const [name, entry] of entries) {
      const to = join(name, chosenFor(name, source));
      if (to.kind === 'joined' && !found.has(to.alias)) found.set(to.alias, entry.found.labels);
    }
  return found;
}

/** What the person has said that this name means; undefined: nothing. */
function chosenFor(name: string, { joins }: PrometheusSource): string | undefined {
  return Object.hasOwn(joins, name) ? joins[name] : undefined;
}

function besideOf(
  joined: ReadonlyMap<string, Found>,
  bySsh: ReadonlyMap<string, Host>,
  groupOf: Listed['groupOf'],
): PrometheusRows['beside'] {
  const rows = new Map<HostId, Pick<Host, 'beside' | 'labels' | 'group'>>();
  for (const [alias, { id, state, beside, labels: before }] of bySsh) {
    const found = joined.get(alias);
    const labels = found?.entry.found.labels ?? noLabels;
    if (found === undefined && beside === null && Object.keys(before).length === 0) continue;
    // While SSH has current values the others would only be carried about.
    const reading =
      found === undefined || isUp(state)
        ? null
        : readingOf(found.entry, { origin: found.origin, hostId: id, ssh: state });
    rows.set(id, { beside: reading, labels, group: groupOf(alias, labels) });
  }
  return rows;
}

const noLabels: Host['labels'] = {};

function putBetter<Value extends Found>(found: Map<string, Value>, key: string, value: Value): void {
  const before = found.get(key);
  if (before === undefined || (before.entry.failure !== null && value.entry.failure === null))
    found.set(key, value);
}
