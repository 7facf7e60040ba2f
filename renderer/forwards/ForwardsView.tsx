import { useMemo } from 'react';
import type { Forward } from '#common/forwards.ts';
import { localRows } from '#common/local-rows.ts';
import { EmptyState, NothingMatches } from '../components/EmptyState.tsx';
import { NoHosts, useEmptiness } from '../components/NoHosts.tsx';
import { GatewayPanel } from '../gateway/GatewayPanel.tsx';
import type { Filter } from '../lib/filter.ts';
import { forwardSubject, localSubject, otherForwardSubject } from '../lib/subjects.ts';
import { useExempt } from '../list/exempt.ts';
import { useExpanded } from '../list/expanded.ts';
import type { Hold } from '../list/hold.ts';
import { useRevealRequest } from '../list/reveal.ts';
import { useSameRows } from '../list/same-rows.ts';
import { useGoneRows } from '../list/use-gone-rows.ts';
import { useWords } from '../state/language.ts';
import type { ViewProps } from '../state/route.ts';
import { useSnapshot } from '../state/services.ts';
import { useFilter } from '../state/use-filter.ts';
import { ColumnChooser } from '../table/ColumnChooser.tsx';
import { FoldableTable } from '../table/FoldableTable.tsx';
import { useTable } from '../table/use-table.ts';
import { TestPromptPlace } from '../test-prompt/TestPromptPlace.tsx';
import { AutoForwardBar } from './AutoForwardBar.tsx';
import { AutoForwardResults } from './AutoForwardResults.tsx';
import { type ForwardRow, forwardTable } from './columns.tsx';
import { ForwardDetails } from './ForwardDetails.tsx';
import { LocalServersSection } from './LocalServersSection.tsx';
import { OpenForwardForm } from './OpenForwardForm.tsx';
import { OtherForwardsSection } from './OtherForwardsSection.tsx';
import css from './SectionHead.module.css';
import { StopAll } from './StopAll.tsx';
import { forwardWords } from './words.ts';

/** What is forwarded: by this app, by other programs, and the local servers that answer on this computer. */
export function ForwardsView({ filter: query, onClearFilter }: ViewProps) {
  const { forwards } = useSnapshot();
  const words = useWords(forwardWords);
  const filter = useFilter(query);
  const reveal = useRevealRequest();
  const shown = useShown(filter, useExempt(reveal, filter));
  const table = useTable(forwardTable);
  const [expanded, onToggle] = useExpanded();
  const [rows, hold] = useRows(shown.forwards, filter);
  const isFiltered = query.trim() !== '';
  const nothing = isFiltered && shown.forwards.length + shown.otherForwards.length + shown.local.length === 0;
  return (
    <TestPromptPlace>
      <div className="view">
        <h1 className="visually-hidden">{words.forwards}</h1>
        <GatewayPanel />
        <AutoForwardBar />
        <OpenForwardForm />
        {nothing ? (
          <NothingMatches filter={query} onClear={onClearFilter} />
        ) : (
          <>
            {forwards.length > 0 && (
              <div className={css.head}>
                <h2 className={css.title}>{words.thisApp}</h2>
                <p className={css.what}>{words.thisAppWhat}</p>
                <p className="dim" role="status">
                  {isFiltered && words.matching(shown.forwards.length, forwards.length)}
                </p>
                <StopAll forwards={forwards} />
                <ColumnChooser table={table} />
              </div>
            )}
            {forwards.length === 0 ? (
              <NoForwards />
            ) : shown.forwards.length === 0 ? (
              <p className={css.note}>{words.noneMatches}</p>
            ) : (
              <div {...hold}>
                <FoldableTable
                  table={table}
                  rows={rows}
                  reveal={reveal}
                  fold={{ expanded, onToggle, details, detailsPx: 180 }}
                />
              </div>
            )}
            <AutoForwardResults />
            <OtherForwardsSection forwards={shown.otherForwards} />
            <LocalServersSection rows={shown.local} all={shown.allLocal} />
          </>
        )}
      </div>
    </TestPromptPlace>
  );
}

const idOf = ({ id }: Forward): string => id;

const details = ({ forward }: ForwardRow) => <ForwardDetails forward={forward} />;

function useRows(forwards: readonly Forward[], filter: Filter): readonly [readonly ForwardRow[], Hold] {
  const { servers } = useSnapshot();
  const models = useMemo(() => new Map(servers.map(({ id, models: [first] }) => [id, first?.id])), [servers]);
  const [shown, hold] = useGoneRows(forwards, { keyOf: idOf, filter });
  const rows = useSameRows(
    shown.map(
      ({ row: forward, kind }): ForwardRow => ({
        forward,
        model: models.get(forward.id) ?? null,
        kind: kind === 'there' ? 'open' : 'stopped',
      }),
    ),
    forwardTable.keyOf,
  );
  return [rows, hold];
}

/** What the filter leaves, and the forward that the address asks for. */
function useShown({ terms, matches }: Filter, exempt: string | null) {
  const { forwards, servers, hosts, otherForwards, localServers } = useSnapshot();
  const local = useMemo(
    // The app's own forwards stand in their own table.
    () =>
      localRows({ localServers, forwards, otherForwards }).filter(
        ({ server }) => server.owner.kind !== 'forward',
      ),
    [localServers, forwards, otherForwards],
  );
  const allLocal = local.length;
  return useMemo(() => {
    if (terms.length === 0) return { forwards, otherForwards: otherForwards.forwards, local, allLocal };
    const hostOf = new Map(hosts.map((host) => [host.id, host]));
    const serverOf = new Map(servers.map((server) => [server.id, server]));
    const find = (id: string | null) => (id === null ? null : (hostOf.get(id) ?? null));
    const isShown = (forward: Forward) =>
      forward.id === exempt ||
      matches(forwardSubject(forward, find(forward.hostId), serverOf.get(forward.id)));
    return {
      forwards: forwards.filter(isShown),
      otherForwards: otherForwards.forwards.filter((one) =>
        matches(otherForwardSubject(one, find(one.hostId))),
      ),
      local: local.filter((row) => matches(localSubject(row, find(row.hostId)))),
      allLocal,
    };
  }, [terms, matches, exempt, forwards, servers, hosts, otherForwards, local, allLocal]);
}

function NoForwards() {
  const why = useEmptiness();
  const words = useWords(forwardWords);
  if (why !== null) return <NoHosts why={why} />;
  const [before, after] = words.noneHint;
  return (
    <EmptyState title={words.none}>
      <p>
        {before}
        <a href="#models">{words.models}</a>
        {after}
      </p>
    </EmptyState>
  );
}
