import { useMemo } from 'react';
import { EmptyState, NothingMatches } from '../components/EmptyState.tsx';
import { createMatcher, forwardTexts } from '../lib/filter.ts';
import type { ViewProps } from '../state/route.ts';
import { useSnapshot } from '../state/services.ts';
import { ForwardRow } from './ForwardRow.tsx';
import { OpenForwardForm } from './OpenForwardForm.tsx';

const none: readonly string[] = [];

export function ForwardsView({ filter, onClearFilter }: ViewProps) {
  const { hosts, servers, forwards } = useSnapshot();
  const models = useMemo(
    () => new Map(servers.map((server) => [server.id, server.models.map((model) => model.id)] as const)),
    [servers],
  );
  const matches = createMatcher(filter);
  const shown = forwards.filter((forward) => matches(forwardTexts(forward, models.get(forward.id) ?? none)));
  return (
    <div className="view">
      <h1 className="visually-hidden">Forwards</h1>
      <OpenForwardForm hosts={hosts} />
      {forwards.length === 0 && (
        <EmptyState title="No forward is open">
          <p>
            Press Forward beside a model in <a href="#models">Models</a>, or name a host and a port above.
          </p>
        </EmptyState>
      )}
      {forwards.length > 0 && shown.length === 0 && (
        <NothingMatches filter={filter} onClear={onClearFilter} />
      )}
      {shown.length > 0 && (
        <table className="table forwards">
          <thead>
            <tr>
              <th scope="col">Local</th>
              <th scope="col">Remote</th>
              <th scope="col">State</th>
              <th scope="col" className="number wide-2">
                Since
              </th>
              <th scope="col" className="number wide-2">
                Connections
              </th>
              <th scope="col" className="number wide-1">
                In
              </th>
              <th scope="col" className="number wide-1">
                Out
              </th>
              <th scope="col" className="wide-1">
                Last error
              </th>
              <th scope="col">
                <span className="visually-hidden">Stop</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((forward) => (
              <ForwardRow key={forward.id} forward={forward} model={models.get(forward.id)?.[0] ?? null} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
