import type { ScanState } from '#common/model.ts';
import { canForward, modelRows } from '#common/select.ts';
import { EmptyState, NothingMatches } from '../components/EmptyState.tsx';
import { createMatcher, serverTexts } from '../lib/filter.ts';
import type { ViewProps } from '../state/route.ts';
import { useSnapshot } from '../state/services.ts';
import { ModelTableRow } from './ModelTableRow.tsx';

/** One row per model on a server; servers that show none have a row that says why. */
export function ModelsView({ filter, onClearFilter }: ViewProps) {
  const snapshot = useSnapshot();
  const matches = createMatcher(filter);
  const all = modelRows(snapshot);
  const rows = all.filter((row) => matches(serverTexts(row.host, row.server, row.model?.id ?? null)));

  if (all.length === 0) return <NoModels scan={snapshot.scan} />;
  if (rows.length === 0) return <NothingMatches filter={filter} onClear={onClearFilter} />;
  return (
    <div className="view">
      <h1 className="visually-hidden">Models</h1>
      <table className="table models">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Server</th>
            <th scope="col" className="wide-3">
              Engine
            </th>
            <th scope="col" className="number wide-4">
              Context
            </th>
            <th scope="col" className="number wide-1">
              Running
            </th>
            <th scope="col" className="number wide-1">
              Waiting
            </th>
            <th scope="col" className="number wide-2" title="Tokens per second, prompts and answers">
              tok/s in, out
            </th>
            <th scope="col" className="number wide-3" title="Use of the KV cache">
              KV
            </th>
            <th scope="col" className="number wide-4" title="Time to first token, median of the last minute">
              TTFT
            </th>
            <th scope="col" className="wide-1">
              State
            </th>
            <th scope="col">Forward</th>
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
  if (scan.kind === 'running') {
    return (
      <EmptyState title="Looking for model servers">
        <p>They appear here as the hosts answer.</p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No model server found">
      <p>
        Start one on a host, for example <code>vllm serve MODEL</code>, then rescan.
      </p>
    </EmptyState>
  );
}
