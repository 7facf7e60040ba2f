import { useMemo } from 'react';
import type { ScanState } from '#common/model.ts';
import { type ModelRow, modelRows } from '#common/select.ts';
import { EmptyState, NothingMatches } from '../components/EmptyState.tsx';
import { serverSubject } from '../lib/filter.ts';
import { isLiveModelSort, modelGroups, modelSortOptions, sortedGroups } from '../lib/model-groups.ts';
import { useWords } from '../state/language.ts';
import type { ViewProps } from '../state/route.ts';
import { useSnapshot } from '../state/services.ts';
import { useExempt } from '../state/use-exempt.ts';
import { useFilter } from '../state/use-filter.ts';
import { type Reveal, useRevealRequest } from '../state/use-reveal.ts';
import { useSort } from '../state/use-sort.ts';
import { useStillOrder } from '../state/use-still-order.ts';
import { TestPromptPlace } from '../test-prompt/TestPromptPlace.tsx';
import { LoadTotals } from './LoadTotals.tsx';
import { ModelTable } from './ModelTable.tsx';
import { modelWords } from './words.ts';

/** One row per model on a server; servers that show none have a row that says why. */
export function ModelsView({ filter: query, onClearFilter }: ViewProps) {
  const snapshot = useSnapshot();
  const words = useWords(modelWords);
  const filter = useFilter(query);
  const [sort, sortBy] = useSort(modelSortOptions);
  const all = modelRows(snapshot);
  const reveal = useRowReveal(useRevealRequest(), all);
  const exempt = useExempt(reveal, filter);
  const groups = modelGroups(
    all.filter(
      ({ key, host, server, model }) =>
        key === exempt || filter.matches(serverSubject(host, server, model?.id ?? null)),
    ),
  );
  const sorted = sortedGroups(groups, sort).map(({ key }) => key);
  const [order, hold] = useStillOrder(sorted, { sort, live: isLiveModelSort(sort) });
  const byKey = new Map(groups.map((group) => [group.key, group]));
  const rows = order.flatMap((key) => byKey.get(key)?.rows ?? []);

  if (all.length === 0) return <NoModels scan={snapshot.scan} />;
  return (
    <TestPromptPlace>
      <div className="view" {...hold}>
        <h1 className="visually-hidden">{words.models}</h1>
        <div className="view-bar">
          <LoadTotals rows={rows} />
          <p className="view-count" role="status">
            {query.trim() !== '' && words.matching(rows.length, all.length)}
          </p>
        </div>
        {rows.length === 0 ? (
          <NothingMatches filter={query} onClear={onClearFilter} />
        ) : (
          <ModelTable rows={rows} sort={sort} onSort={sortBy} reveal={reveal} />
        )}
      </div>
    </TestPromptPlace>
  );
}

/** The address names a server: its first row is meant. */
function useRowReveal(reveal: Reveal | null, rows: readonly ModelRow[]): Reveal | null {
  const row = rows.find(({ key, server }) => key === reveal?.id || server.id === reveal?.id);
  const key = row?.key ?? null;
  return useMemo(() => (reveal === null || key === null ? null : { id: key }), [reveal, key]);
}

function NoModels({ scan }: { readonly scan: ScanState }) {
  const words = useWords(modelWords);
  if (scan.kind === 'running') {
    return (
      <EmptyState title={words.looking}>
        <p>{words.lookingHint}</p>
      </EmptyState>
    );
  }
  const [before, after] = words.noneHint;
  return (
    <EmptyState title={words.none}>
      <p>
        {before}
        <code>vllm serve MODEL</code>
        {after}
      </p>
    </EmptyState>
  );
}
