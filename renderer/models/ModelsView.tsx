import type { ScanState } from '#common/model.ts';
import { canForward, modelRows } from '#common/select.ts';
import { EmptyState, NothingMatches } from '../components/EmptyState.tsx';
import { createMatcher, serverTexts } from '../lib/filter.ts';
import { useWords } from '../state/language.ts';
import type { ViewProps } from '../state/route.ts';
import { useSnapshot } from '../state/services.ts';
import { ModelTableRow } from './ModelTableRow.tsx';
import { modelWords } from './words.ts';

/** One row per model on a server; servers that show none have a row that says why. */
export function ModelsView({ filter, onClearFilter }: ViewProps) {
  const snapshot = useSnapshot();
  const words = useWords(modelWords);
  const matches = createMatcher(filter);
  const all = modelRows(snapshot);
  const rows = all.filter((row) => matches(serverTexts(row.host, row.server, row.model?.id ?? null)));

  if (all.length === 0) return <NoModels scan={snapshot.scan} />;
  if (rows.length === 0) return <NothingMatches filter={filter} onClear={onClearFilter} />;
  return (
    <div className="view">
      <h1 className="visually-hidden">{words.models}</h1>
      <table className="table models">
        <thead>
          <tr>
            <th scope="col">{words.model}</th>
            <th scope="col">{words.server}</th>
            <th scope="col" className="wide-3">
              {words.engine}
            </th>
            <th scope="col" className="number wide-4">
              {words.context}
            </th>
            <th scope="col" className="number wide-1">
              {words.running}
            </th>
            <th scope="col" className="number wide-1">
              {words.waiting}
            </th>
            <th scope="col" className="number wide-2" title={words.tokensHint}>
              {words.tokens}
            </th>
            <th scope="col" className="number wide-3" title={words.kvHint}>
              {words.kv}
            </th>
            <th scope="col" className="number wide-4" title={words.ttftHint}>
              {words.ttft}
            </th>
            <th scope="col" className="wide-1">
              {words.state}
            </th>
            <th scope="col">{words.forward}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, host, server, model, forward }) => {
            const permission = canForward(snapshot, server);
            return (
              <ModelTableRow
                key={key}
                alias={host.alias}
                server={server}
                model={model}
                forward={forward}
                why={permission.ok ? null : permission.why}
              />
            );
          })}
        </tbody>
      </table>
    </div>
  );
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
