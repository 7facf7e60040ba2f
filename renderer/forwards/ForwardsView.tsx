import { useMemo } from 'react';
import { EmptyState, NothingMatches } from '../components/EmptyState.tsx';
import { createMatcher, forwardTexts } from '../lib/filter.ts';
import { useWords } from '../state/language.ts';
import type { ViewProps } from '../state/route.ts';
import { useSnapshot } from '../state/services.ts';
import { ForwardRow } from './ForwardRow.tsx';
import { OpenForwardForm } from './OpenForwardForm.tsx';
import { forwardWords } from './words.ts';

const none: readonly string[] = [];

export function ForwardsView({ filter, onClearFilter }: ViewProps) {
  const { hosts, servers, forwards } = useSnapshot();
  const words = useWords(forwardWords);
  const [before, after] = words.noneHint;
  const models = useMemo(
    () => new Map(servers.map((server) => [server.id, server.models.map((model) => model.id)] as const)),
    [servers],
  );
  const matches = createMatcher(filter);
  const shown = forwards.filter((forward) => matches(forwardTexts(forward, models.get(forward.id) ?? none)));
  return (
    <div className="view">
      <h1 className="visually-hidden">{words.forwards}</h1>
      <OpenForwardForm hosts={hosts} />
      {forwards.length === 0 && (
        <EmptyState title={words.none}>
          <p>
            {before}
            <a href="#models">{words.models}</a>
            {after}
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
              <th scope="col">{words.local}</th>
              <th scope="col">{words.remote}</th>
              <th scope="col">{words.state}</th>
              <th scope="col" className="number wide-2">
                {words.since}
              </th>
              <th scope="col" className="number wide-2">
                {words.connections}
              </th>
              <th scope="col" className="number wide-1">
                {words.in}
              </th>
              <th scope="col" className="number wide-1">
                {words.out}
              </th>
              <th scope="col" className="wide-1">
                {words.lastError}
              </th>
              <th scope="col">
                <span className="visually-hidden">{words.stop}</span>
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
