import { useCallback, useMemo, useState } from 'react';
import type { Host, HostId } from '#common/model.ts';
import { EmptyState, NothingMatches } from '../components/EmptyState.tsx';
import { createMatcher, hostTexts } from '../lib/filter.ts';
import { modelsByHost } from '../lib/models.ts';
import { useLanguage, useWords } from '../state/language.ts';
import type { ViewProps } from '../state/route.ts';
import { useSnapshot } from '../state/services.ts';
import { useArrangement } from '../state/use-arrangement.ts';
import { FailedHosts } from './FailedHosts.tsx';
import { HostRow } from './HostRow.tsx';
import { Legend } from './Legend.tsx';
import { NoHosts } from './NoHosts.tsx';
import { gpuWords } from './words.ts';

const noModels: readonly string[] = [];

/** One row per host, most idle first (see lib/arrange.ts for how still it holds), and below it the hosts that did not answer. */
export function GpusView({ filter, onClearFilter }: ViewProps) {
  const snapshot = useSnapshot();
  const words = useWords(gpuWords);
  const language = useLanguage();
  const [arrangement, hold] = useArrangement(snapshot);
  const [expanded, setExpanded] = useState<ReadonlySet<HostId>>(new Set());
  const toggle = useCallback(
    (id: HostId) =>
      setExpanded((ids) => new Set(ids.has(id) ? [...ids].filter((one) => one !== id) : [...ids, id])),
    [],
  );
  const models = useMemo(() => modelsByHost(snapshot.servers), [snapshot.servers]);
  const byId = useMemo(() => new Map(snapshot.hosts.map((host) => [host.id, host])), [snapshot.hosts]);
  const matches = createMatcher(filter);

  const pick = (ids: readonly HostId[]): readonly Host[] =>
    ids.flatMap((id) => {
      const host = byId.get(id);
      return host !== undefined && matches(hostTexts(host, models.get(id) ?? noModels, language)) ? host : [];
    });
  const listed = pick(arrangement.listed);
  const failed = pick(arrangement.failed);

  if (snapshot.hosts.length === 0) return <NoHosts source={snapshot.source} />;
  if (listed.length + failed.length === 0) return <NothingMatches filter={filter} onClear={onClearFilter} />;
  return (
    <div className="view" {...hold}>
      <h1 className="visually-hidden">{words.gpus}</h1>
      {listed.length > 0 && (
        <table className="table hosts">
          <thead>
            <tr>
              <th scope="col">{words.host}</th>
              <th scope="col">{words.gpus}</th>
              <th scope="col">{words.free}</th>
              <th scope="col" className="number load">
                {words.utilisation}
              </th>
              <th scope="col" className="number wide-1">
                {words.memory}
              </th>
              <th scope="col" className="number wide-2">
                {words.temperature}
              </th>
              <th scope="col" className="wide-3">
                {words.users}
              </th>
              <th scope="col" className="wide-3">
                {words.models}
              </th>
            </tr>
          </thead>
          <tbody>
            {listed.map((host) => (
              <HostRow
                key={host.id}
                host={host}
                rule={snapshot.settings.idleRule}
                models={models.get(host.id) ?? noModels}
                expanded={expanded.has(host.id)}
                onToggle={toggle}
              />
            ))}
          </tbody>
        </table>
      )}
      {listed.length > 0 && <Legend />}
      {listed.length === 0 && filter === '' && (
        <EmptyState title={words.noHostAnswered}>
          <p>{words.noHostAnsweredHint}</p>
        </EmptyState>
      )}
      {failed.length > 0 && <FailedHosts hosts={failed} startOpen={listed.length === 0} />}
    </div>
  );
}
