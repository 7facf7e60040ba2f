import { useCallback, useMemo, useRef } from 'react';
import type { Host, IdleRule } from '#common/hosts.ts';
import type { HostId } from '#common/ids.ts';
import { emptinessOf } from '#common/select/emptiness.ts';
import type { ModelLoad, ModelServer } from '#common/servers.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { EmptyState, NothingMatches } from '../components/EmptyState.tsx';
import { NoHosts } from '../components/NoHosts.tsx';
import { ServePlace } from '../launches/ServePlace.tsx';
import { type Filter, isAboutLoad } from '../lib/filter.ts';
import { createHostMatcher, type LoadsByHost } from '../lib/host-matcher.ts';
import { haveSameModels, type ModelsByHost, modelsByHost, type ServedModel } from '../lib/models.ts';
import { useSameList } from '../lib/same-list.ts';
import { useExempt } from '../list/exempt.ts';
import { useExpanded } from '../list/expanded.ts';
import { type Reveal, useRevealRequest } from '../list/reveal.ts';
import { useWords } from '../state/language.ts';
import type { ViewProps } from '../state/route.ts';
import { useSnapshot } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { useFilter } from '../state/use-filter.ts';
import { ColumnChooser } from '../table/ColumnChooser.tsx';
import { FoldableTable } from '../table/FoldableTable.tsx';
import { useTable } from '../table/use-table.ts';
import { type HostRow, hostRow, hostTable } from './columns.tsx';
import { FailedHosts } from './FailedHosts.tsx';
import { FindFree } from './FindFree.tsx';
import { HostDetails } from './HostDetails.tsx';
import { Legend } from './Legend.tsx';
import { LostHostsNote } from './LostHosts.tsx';
import { useArrangement } from './use-arrangement.ts';
import { useGroups } from './use-groups.tsx';
import { useLostHosts } from './use-lost-hosts.ts';
import { gpuWords } from './words.ts';

const noModels: readonly ServedModel[] = [];

/** One row per host, most idle first (see arrange.ts for how still it holds), and below it the hosts that did not answer. */
export function GpusView({ filter, onClearFilter }: ViewProps) {
  const snapshot = useSnapshot();
  const words = useWords(gpuWords);
  const models = useModels(snapshot);
  const table = useTable(hostTable);
  const rowOf = useRowOf(models);
  const lost = useLostHosts(snapshot.hosts);
  const [arrangement, hold] = useArrangement(snapshot, table, { rowOf, lost: lost.unseen });
  const [expanded, toggle] = useExpanded();
  const onToggle = useCallback(
    (id: string) => {
      lost.see([id]);
      toggle(id);
    },
    [lost.see, toggle],
  );
  const reveal = useRevealRequest();
  const pick = usePicker(snapshot, { query: filter, models, reveal });
  const listed = pick(arrangement.listed);
  const failed = useSameList(pick(arrangement.failed));
  const rows = useSameList(listed.map(rowOf));
  const groups = useGroups(rows, { hosts: snapshot.hosts, filter, reveal });

  if (snapshot.hosts.length === 0) {
    return (
      <>
        <h1 className="visually-hidden">{words.gpus}</h1>
        <NoHosts why={emptinessOf(snapshot) ?? 'no-hosts'} />
      </>
    );
  }
  return (
    <ServePlace>
      <div className="view" {...hold}>
        <h1 className="visually-hidden">{words.gpus}</h1>
        <div className="view-bar">
          <FindFree />
          <p className="view-count" role="status">
            {filter.trim() !== '' && words.matching(listed.length + failed.length, snapshot.hosts.length)}
          </p>
          <Legend />
          <ColumnChooser table={table} />
        </div>
        <LostHostsNote {...lost} />
        {listed.length > 0 && (
          <FoldableTable
            table={table}
            rows={rows}
            reveal={reveal}
            fold={{ expanded, onToggle, details, detailsPx: 640 }}
            groups={groups}
          />
        )}
        {listed.length + failed.length === 0 && <NothingMatches filter={filter} onClear={onClearFilter} />}
        {listed.length === 0 && filter === '' && (
          <EmptyState title={words.noHostAnswered}>
            <p>{words.noHostAnsweredHint}</p>
          </EmptyState>
        )}
        {failed.length > 0 && <FailedHosts hosts={failed} startOpen={listed.length === 0} reveal={reveal} />}
      </div>
    </ServePlace>
  );
}

const details = ({ host, rule, models }: HostRow) => <HostDetails host={host} rule={rule} models={models} />;

/** The row of a host: the same object until the host is measured again, or serves other models. */
function useRowOf(models: ModelsByHost): (host: Host) => HostRow {
  const { idleRule, favourites } = useSettings();
  const known = useMemo(() => createRows(idleRule, favourites.hosts), [idleRule, favourites.hosts]);
  return useCallback((host) => known(host, models.get(host.id) ?? noModels), [known, models]);
}

function createRows(
  rule: IdleRule,
  aliases: readonly string[],
): (host: Host, models: readonly ServedModel[]) => HostRow {
  const rows = new WeakMap<Host, HostRow>();
  const favourites = new Set(aliases);
  return (host, models) => {
    const known = rows.get(host);
    if (known?.models === models) return known;
    const row = hostRow(host, { rule, models, isFavourite: favourites.has(host.alias) });
    rows.set(host, row);
    return row;
  };
}

function useModels({ servers }: Snapshot): ModelsByHost {
  const latest = useRef<{ readonly servers: readonly ModelServer[]; readonly models: ModelsByHost }>(null);
  return useMemo(() => {
    const before = latest.current;
    const isSame = before !== null && haveSameModels(before.servers, servers);
    const models = isSame ? before.models : modelsByHost(servers, before?.models);
    latest.current = { servers, models };
    return models;
  }, [servers]);
}

const noLoads: LoadsByHost = new Map();

/** How busy the models of each host are; empty, and the same object, while the filter does not ask for it. */
function useLoads({ terms }: Filter, { servers }: Snapshot): LoadsByHost {
  const asks = terms.some(isAboutLoad);
  return useMemo(() => {
    if (!asks) return noLoads;
    const loads = new Map<HostId, readonly ModelLoad[]>();
    for (const server of servers)
      loads.set(server.hostId, [...(loads.get(server.hostId) ?? []), ...server.loads]);
    return loads;
  }, [asks, servers]);
}

interface PickerOptions {
  readonly query: string;
  readonly models: ModelsByHost;
  readonly reveal: Reveal | null;
}

/** The hosts of those ids that match the filter. One that the address asks for is shown until the filter is changed. */
function usePicker(
  snapshot: Snapshot,
  { query, models, reveal }: PickerOptions,
): (ids: readonly HostId[]) => readonly Host[] {
  const { hosts } = snapshot;
  const filter = useFilter(query);
  const loads = useLoads(filter, snapshot);
  const matches = useMemo(() => createHostMatcher(filter, loads), [filter, loads]);
  const ids = useSameList(useMemo(() => hosts.map(({ id }) => id), [hosts]));
  const places = useMemo(() => new Map(ids.map((id, at) => [id, at])), [ids]);
  const exempt = useExempt(reveal, filter);
  return (wanted) => {
    const picked: Host[] = [];
    for (const id of wanted) {
      const host = hosts[places.get(id) ?? -1];
      if (host === undefined) continue;
      if (id === exempt || matches(host, models.get(id) ?? noModels)) picked.push(host);
    }
    return picked;
  };
}
