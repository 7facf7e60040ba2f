import { useMemo } from 'react';
import type { Forward } from '#common/forwards.ts';
import { localRows } from '#common/this-computer.ts';
import { EmptyState, NothingMatches } from '../components/EmptyState.tsx';
import { type Filter, foreignSubject, forwardSubject, localSubject } from '../lib/filter.ts';
import { useWords } from '../state/language.ts';
import type { ViewProps } from '../state/route.ts';
import { useSnapshot } from '../state/services.ts';
import { useExempt } from '../state/use-exempt.ts';
import { useFilter } from '../state/use-filter.ts';
import { useRevealRequest } from '../state/use-reveal.ts';
import { TestPromptPlace } from '../test-prompt/TestPromptPlace.tsx';
import { AutoForwardBar } from './AutoForwardBar.tsx';
import { AutoForwardResults } from './AutoForwardResults.tsx';
import { ElsewhereSection } from './ElsewhereSection.tsx';
import { ForwardTable } from './ForwardTable.tsx';
import { LocalSection } from './LocalSection.tsx';
import { OpenForwardForm } from './OpenForwardForm.tsx';
import { StopAll } from './StopAll.tsx';
import { forwardWords } from './words.ts';

/** What is forwarded: by this app, by other programs of this computer, and all that answers here. */
export function ForwardsView({ filter: query, onClearFilter }: ViewProps) {
  const { forwards } = useSnapshot();
  const words = useWords(forwardWords);
  const filter = useFilter(query);
  const reveal = useRevealRequest();
  const shown = useShown(filter, useExempt(reveal, filter));
  const isFiltered = query.trim() !== '';
  const nothing = isFiltered && shown.forwards.length + shown.foreign.length + shown.local.length === 0;
  return (
    <TestPromptPlace>
      <div className="view">
        <h1 className="visually-hidden">{words.forwards}</h1>
        <AutoForwardBar />
        <OpenForwardForm />
        {nothing ? (
          <NothingMatches filter={query} onClear={onClearFilter} />
        ) : (
          <>
            {forwards.length > 0 && (
              <div className="section-head">
                <h2 className="section-title">{words.thisApp}</h2>
                <p className="section-what">{words.thisAppWhat}</p>
                <p className="dim" role="status">
                  {isFiltered && words.matching(shown.forwards.length, forwards.length)}
                </p>
                <StopAll forwards={forwards} />
              </div>
            )}
            {forwards.length === 0 ? (
              <NoForwards />
            ) : shown.forwards.length === 0 ? (
              <p className="section-note">{words.noneMatches}</p>
            ) : (
              <ForwardTable forwards={shown.forwards} reveal={reveal} />
            )}
            <AutoForwardResults />
            <ElsewhereSection forwards={shown.foreign} />
            <LocalSection rows={shown.local} />
          </>
        )}
      </div>
    </TestPromptPlace>
  );
}

/** What the filter leaves, and the forward that the address asks for. */
function useShown({ terms, matches }: Filter, exempt: string | null) {
  const { forwards, servers, hosts, elsewhere, localServers } = useSnapshot();
  const local = useMemo(
    () => localRows({ localServers, forwards, elsewhere }),
    [localServers, forwards, elsewhere],
  );
  return useMemo(() => {
    if (terms.length === 0) return { forwards, foreign: elsewhere.forwards, local };
    const hostOf = new Map(hosts.map((host) => [host.id, host]));
    const models = new Map(servers.map(({ id, models: all }) => [id, all.map((model) => model.id)]));
    const find = (id: string | null) => (id === null ? null : (hostOf.get(id) ?? null));
    const isShown = (forward: Forward) =>
      forward.id === exempt ||
      matches(forwardSubject(forward, find(forward.hostId), models.get(forward.id) ?? []));
    return {
      forwards: forwards.filter(isShown),
      foreign: elsewhere.forwards.filter((one) => matches(foreignSubject(one, find(one.hostId)))),
      local: local.filter((row) => matches(localSubject(row, find(row.hostId)))),
    };
  }, [terms, matches, exempt, forwards, servers, hosts, elsewhere, local]);
}

function NoForwards() {
  const words = useWords(forwardWords);
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
