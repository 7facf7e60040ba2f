/** The hosts of all sources, joined with those of the SSH configuration: each host has one row. Pure. */

import type { Host, PrometheusReading } from '#common/hosts.ts';
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
}

/** A host that several sources know is that of the first one with current values. */
export function joinRows(
  sources: readonly KnownSource[],
  { hosts, excludedAliases, isWanted }: Listed,
): JoinedRows {
  const bySsh = new Map(hosts.flatMap((host) => (host.source.kind === 'ssh' ? [[host.alias, host]] : [])));
  const join = createJoiner([
    ...[...bySsh.values()].map(({ alias, endpoint }) => ({ alias, hostname: endpoint?.hostname ?? null })),
    ...excludedAliases.map((alias) => ({ alias, hostname: null })),
  ]);
  const own = new Map<string, Found & { readonly without: RowOptions['without'] }>();
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
      const to = join(name, Object.hasOwn(source.joins, name) ? source.joins[name] : undefined);
      if (to.kind === 'ambiguous')
        ambiguous.set(source.id, [...(ambiguous.get(source.id) ?? []), { name, aliases: to.aliases }]);
      const alias = to.kind === 'joined' ? to.alias : name;
      if (!isWanted(alias)) continue;
      const isJoined = to.kind === 'joined' && bySsh.has(alias);
      if (isJoined) putBetter(joined, alias, { entry, origin });
      else {
        const without = to.kind === 'joined' ? 'switched-off' : 'unlisted';
        putBetter(own, alias, { entry, origin: { ...origin, host: alias }, without });
      }
      const id = isJoined ? alias : prometheusHostId(alias);
      places.set(id, [...(places.get(id) ?? []), { sourceId: source.id, name }]);
    }
  const rows = [...own.values()].map(({ entry, origin, without }) => rowOf(entry, { origin, without }));
  rows.sort((a, b) => (a.host.alias < b.host.alias ? -1 : 1));
  return {
    hosts: rows.map(({ host }) => host),
    servers: rows.flatMap(({ servers }): readonly ModelServer[] => servers),
    beside: besideOf(joined, bySsh),
    ambiguous,
    places,
  };
}

function besideOf(
  joined: ReadonlyMap<string, Found>,
  bySsh: ReadonlyMap<string, Host>,
): PrometheusRows['beside'] {
  const beside = new Map<HostId, { beside: PrometheusReading | null; labels: Host['labels'] }>();
  for (const [alias, { entry, origin }] of joined) {
    const host = bySsh.get(alias);
    if (host === undefined) continue;
    const { id, state } = host;
    // While SSH has current values the others would only be carried about.
    const reading = isUp(state) ? null : readingOf(entry, { origin, hostId: id, ssh: state });
    beside.set(id, { beside: reading, labels: entry.found.labels });
  }
  return beside;
}

function putBetter<Value extends Found>(found: Map<string, Value>, key: string, value: Value): void {
  const before = found.get(key);
  if (before === undefined || (before.entry.failure !== null && value.entry.failure === null))
    found.set(key, value);
}
