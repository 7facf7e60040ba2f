import { type ReactNode, useMemo, useState } from 'react';
import type { Host } from '#common/hosts.ts';
import type { Launch } from '#common/launches.ts';
import { isUp } from '#common/select/hosts.ts';
import { modelRows, type ModelRow as ServedModel } from '#common/select/servers.ts';
import type { ScanState } from '#common/snapshot.ts';
import { Action } from '../components/Action.tsx';
import { EmptyState, NothingMatches } from '../components/EmptyState.tsx';
import { NoHosts, useEmptiness } from '../components/NoHosts.tsx';
import { ForwardChipContext } from '../launches/LaunchActions.tsx';
import { LaunchesSection } from '../launches/LaunchesSection.tsx';
import { ServeButton } from '../launches/ServeButton.tsx';
import { ServePlace } from '../launches/ServePlace.tsx';
import type { Filter } from '../lib/filter.ts';
import { keep, readKept } from '../lib/kept.ts';
import { launchSubject, serverSubject } from '../lib/subjects.ts';
import { useExempt } from '../list/exempt.ts';
import { useExpanded } from '../list/expanded.ts';
import { type Reveal, useRevealRequest } from '../list/reveal.ts';
import { useSameRows } from '../list/same-rows.ts';
import { useStillOrder } from '../list/use-still-order.ts';
import { useWords } from '../state/language.ts';
import type { ViewProps } from '../state/route.ts';
import { useSnapshot } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { useCall } from '../state/use-call.ts';
import { useFilter } from '../state/use-filter.ts';
import { ColumnChooser } from '../table/ColumnChooser.tsx';
import { orderOf } from '../table/column.ts';
import { FoldableTable } from '../table/FoldableTable.tsx';
import { type Table, useTable } from '../table/use-table.ts';
import { TestPromptPlace } from '../test-prompt/TestPromptPlace.tsx';
import { modelTable } from './columns.tsx';
import { ForwardChip } from './ForwardChip.tsx';
import { LoadTotals } from './LoadTotals.tsx';
import { ModelDetails } from './ModelDetails.tsx';
import {
  favouritesFirst,
  type ModelGroup,
  type ModelRow,
  modelGroups,
  sortedGroups,
} from './model-groups.ts';
import { ReplicaTable } from './ReplicaTable.tsx';
import { replicaTable } from './replica-columns.tsx';
import { createSharedAxis, SharedAxisContext } from './shared-axis.ts';
import { modelWords } from './words.ts';

/** Below it the graph of a model that idles would look like one of work. */
const leastTopPerSecond = 100;

/** One row per model on a server; servers that show none have a row that says why. */
export function ModelsView({ filter: query, onClearFilter }: ViewProps) {
  const snapshot = useSnapshot();
  const words = useWords(modelWords);
  const filter = useFilter(query);
  const table = useTable(modelTable);
  const byModel = useTable(replicaTable);
  const [grouped, setGrouped] = useGrouped();
  const [expanded, onToggle] = useExpanded();
  const [axis] = useState(() => createSharedAxis(leastTopPerSecond));
  const all = modelRows(snapshot);
  const reveal = useRowReveal(useRevealRequest(), all);
  const exempt = useExempt(reveal, filter);
  const groups = modelGroups(
    all.filter(
      ({ key, host, server, model }) => key === exempt || filter.matches(serverSubject(host, server, model)),
    ),
  );
  const [order, hold] = useOrder(groups, table);
  const byKey = new Map(groups.map((group) => [group.key, group]));
  const rows = useSameRows(
    order.flatMap((key) => byKey.get(key)?.rows ?? []),
    modelTable.keyOf,
  );

  const launches = <LaunchesSection matches={matchesOf(filter, snapshot.hosts)} />;
  if (all.length === 0) {
    return (
      <Places>
        <div className="view">
          <h1 className="visually-hidden">{words.models}</h1>
          {snapshot.hosts.some(({ state }) => isUp(state)) && (
            <div className="view-bar">
              <ServeButton />
            </div>
          )}
          {launches}
          <NoModels scan={snapshot.scan} />
        </div>
      </Places>
    );
  }
  return (
    <Places>
      <div className="view" {...hold}>
        <h1 className="visually-hidden">{words.models}</h1>
        <div className="view-bar">
          <ServeButton />
          <LoadTotals rows={rows} />
          <p className="view-count" role="status">
            {query.trim() !== '' && words.matching(rows.length, all.length)}
          </p>
          <Action icon="model" name={words.byModel} pressed={grouped} onPress={() => setGrouped(!grouped)} />
          {grouped ? <ColumnChooser table={byModel} /> : <ColumnChooser table={table} />}
        </div>
        {launches}
        {rows.length === 0 ? (
          <NothingMatches filter={query} onClear={onClearFilter} />
        ) : (
          <SharedAxisContext value={axis}>
            {grouped ? (
              <ReplicaTable table={byModel} serverTable={table} rows={rows} reveal={reveal} />
            ) : (
              <FoldableTable
                table={table}
                rows={rows}
                reveal={reveal}
                fold={{ expanded, onToggle, details, detailsPx: 560 }}
              />
            )}
          </SharedAxisContext>
        )}
      </div>
    </Places>
  );
}

/** Where the dialogs of this view stand. */
function Places({ children }: { readonly children: ReactNode }) {
  return (
    <TestPromptPlace>
      <ForwardChipContext value={ForwardChip}>
        <ServePlace>{children}</ServePlace>
      </ForwardChipContext>
    </TestPromptPlace>
  );
}

/** A launch matches as the model that it is to serve would. */
function matchesOf({ terms, matches }: Filter, hosts: readonly Host[]): (launch: Launch) => boolean {
  if (terms.length === 0) return () => true;
  const byId = new Map(hosts.map((host) => [host.id, host]));
  return (launch) => matches(launchSubject(launch, byId.get(launch.hostId) ?? null));
}

const details = ({ server, model }: ModelRow) => <ModelDetails server={server} model={model} />;

/** Whether the rows stand by model; kept for the next time. */
function useGrouped() {
  const [grouped, setGrouped] = useState(() => readKept('models-grouped') === true);
  const set = (next: boolean) => {
    keep('models-grouped', next);
    setGrouped(next);
  };
  return [grouped, set] as const;
}

/** The keys of the groups in their order, and the handlers of the list that hold it still. */
function useOrder(groups: readonly ModelGroup[], { spec, sort }: Table<ModelRow>) {
  const order = sort && orderOf(spec, sort);
  if (sort === undefined || order === undefined) throw new Error('models are always sorted by a column');
  const { models } = useSettings().favourites;
  const sorted = sortedGroups(groups, order, sort.direction);
  const keys = favouritesFirst(sorted, models, ({ base }) => base).map(({ key }) => key);
  return useStillOrder(keys, { sort, live: order.isLive === true });
}

/** The address names a server: its first row is meant. */
function useRowReveal(reveal: Reveal | null, rows: readonly ServedModel[]): Reveal | null {
  const row = rows.find(({ key, server }) => key === reveal?.id || server.id === reveal?.id);
  const key = row?.key ?? null;
  return useMemo(() => (reveal === null || key === null ? null : { id: key }), [reveal, key]);
}

function NoModels({ scan }: { readonly scan: ScanState }) {
  const why = useEmptiness();
  const call = useCall();
  const words = useWords(modelWords);
  // The first one is about to begin.
  if (scan.kind === 'running' || scan.kind === 'never') {
    return (
      <EmptyState title={words.looking}>
        <p>{words.lookingHint}</p>
      </EmptyState>
    );
  }
  if (why !== null) return <NoHosts why={why} />;
  const [before, after] = words.noneHint;
  return (
    <EmptyState
      title={words.none}
      action={{ label: words.rescan, onClick: () => void call('scan.start', {}) }}
    >
      <p>
        {before}
        <code>vllm serve MODEL</code>
        {after}
      </p>
    </EmptyState>
  );
}
