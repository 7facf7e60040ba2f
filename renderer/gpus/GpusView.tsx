import { useCallback, useMemo, useRef, useState } from 'react';
import type { Host, HostId } from '#common/model.ts';
import { EmptyState, NothingMatches } from '../components/EmptyState.tsx';
import type { Filter } from '../lib/filter.ts';
import { createHostMatcher } from '../lib/host-matcher.ts';
import { keep, readKept } from '../lib/kept.ts';
import { type ModelsByHost, modelsByHost, type ServedModel } from '../lib/models.ts';
import { readSort, type Sort, type SortKey, sortBy } from '../lib/sort.ts';
import { useLanguage, useWords } from '../state/language.ts';
import type { ViewProps } from '../state/route.ts';
import { useSnapshot } from '../state/services.ts';
import { useArrangement } from '../state/use-arrangement.ts';
import { useFilter } from '../state/use-filter.ts';
import { type Reveal, useRevealRequest } from '../state/use-reveal.ts';
import { useSameList } from '../state/use-same-list.ts';
import { FailedHosts } from './FailedHosts.tsx';
import { FindFree } from './FindFree.tsx';
import { HostTable } from './HostTable.tsx';
import { Legend } from './Legend.tsx';
import { NoHosts } from './NoHosts.tsx';
import { gpuWords } from './words.ts';

const noModels: readonly ServedModel[] = [];

/** One row per host, most idle first (see lib/arrange.ts for how still it holds), and below it the hosts that did not answer. */
export function GpusView({ filter, onClearFilter }: ViewProps) {
  const snapshot = useSnapshot();
  const words = useWords(gpuWords);
  const models = useModels();
  const [sort, sortByKey] = useSort();
  const modelCount = useCallback((id: HostId) => models.get(id)?.length ?? 0, [models]);
  const [arrangement, hold] = useArrangement(snapshot, { sort, modelCount });
  const [expanded, toggle] = useExpanded();
  const reveal = useRevealRequest();
  const pick = usePicker(filter, models, reveal);
  const listed = useSameList(pick(arrangement.listed));
  const failed = useSameList(pick(arrangement.failed));
  const rule = snapshot.settings.idleRule;

  if (snapshot.hosts.length === 0) return <NoHosts source={snapshot.source} />;
  return (
    <div className="view" {...hold}>
      <h1 className="visually-hidden">{words.gpus}</h1>
      <div className="view-bar">
        <FindFree />
        <p className="view-count" role="status">
          {filter.trim() !== '' && words.matching(listed.length + failed.length, snapshot.hosts.length)}
        </p>
        <Legend />
      </div>
      {listed.length > 0 && (
        <HostTable
          hosts={listed}
          models={models}
          rule={rule}
          sort={sort}
          onSort={sortByKey}
          expanded={expanded}
          onToggle={toggle}
          reveal={reveal}
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
  );
}

function useModels(): ModelsByHost {
  const { servers } = useSnapshot();
  const latest = useRef<ModelsByHost>(new Map());
  return useMemo(() => {
    latest.current = modelsByHost(servers, latest.current);
    return latest.current;
  }, [servers]);
}

function useSort(): readonly [Sort, (key: SortKey) => void] {
  const [sort, setSort] = useState(() => readSort(readKept('gpus-sort')));
  const choose = useCallback(
    (key: SortKey) => {
      const next = sortBy(key, sort);
      keep('gpus-sort', next);
      setSort(next);
    },
    [sort],
  );
  return [sort, choose];
}

function useExpanded(): readonly [ReadonlySet<HostId>, (id: HostId) => void] {
  const [expanded, setExpanded] = useState<ReadonlySet<HostId>>(new Set());
  const toggle = useCallback(
    (id: HostId) =>
      setExpanded((ids) => new Set(ids.has(id) ? [...ids].filter((one) => one !== id) : [...ids, id])),
    [],
  );
  return [expanded, toggle];
}

/** The hosts of those ids that match the filter. One that the address asks for is shown until the filter is changed. */
function usePicker(
  query: string,
  models: ModelsByHost,
  reveal: Reveal | null,
): (ids: readonly HostId[]) => readonly Host[] {
  const { hosts } = useSnapshot();
  const filter = useFilter(query);
  const language = useLanguage();
  const matches = useMemo(() => createHostMatcher(filter, language), [filter, language]);
  const byId = useMemo(() => new Map(hosts.map((host) => [host.id, host])), [hosts]);
  const exempt = useRef<{ readonly reveal: Reveal | null; readonly filter: Filter }>({ reveal, filter });
  if (exempt.current.reveal !== reveal) exempt.current = { reveal, filter };
  return (ids) =>
    ids.flatMap((id) => {
      const host = byId.get(id);
      if (host === undefined) return [];
      const isExempt = id === reveal?.id && exempt.current.filter === filter;
      return isExempt || matches(host, models.get(id) ?? noModels) ? host : [];
    });
}
