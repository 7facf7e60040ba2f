import { memo } from 'react';
import type { ErrorCode } from '#common/errors.ts';
import { formatCount, formatLatency, formatPct } from '#common/format.ts';
import type { Forward } from '#common/forwards.ts';
import type { Model, ModelLoad, ModelServer, ServerState } from '#common/model.ts';
import { loadOf } from '#common/select.ts';
import { engineNames, serverStateNames, whyNoModel } from '#common/words.ts';
import { type Mood, StateMark } from '../components/StateMark.tsx';
import { formatWhole } from '../lib/format.ts';
import { ForwardControl } from './ForwardControl.tsx';

interface Props {
  readonly alias: string;
  readonly server: ModelServer;
  readonly model: Model | null;
  readonly forward: Forward | null;
  readonly why: ErrorCode | null;
}

const moods: Readonly<Record<ServerState['kind'], Mood>> = {
  up: 'good',
  starting: 'waiting',
  sleeping: 'waiting',
  locked: 'locked',
  failed: 'bad',
};

export const ModelTableRow = memo(function ModelTableRow({ alias, server, model, forward, why }: Props) {
  const isAdapter =
    model !== null && model.parent !== null && server.models.some(({ id }) => id === model.parent);
  const engine = server.engine === null ? '–' : engineNames[server.engine];
  return (
    <tr className="model-row" data-adapter={isAdapter}>
      <th scope="row" className="model-name">
        <ModelName server={server} model={model} isAdapter={isAdapter} />
      </th>
      <td className="cut" title={`${alias}:${server.port}`}>
        {alias}
        <span className="dim">{`:${server.port}`}</span>
      </td>
      <td className="cut wide-3">
        {engine}
        {server.version !== null && <span className="dim">{` ${server.version}`}</span>}
      </td>
      <td className="number wide-4">{formatWhole(model?.maxModelLen ?? null)}</td>
      <LoadCells load={model === null ? null : loadOf(server, model)} />
      <td className="wide-1">
        <StateMark mood={moods[server.state.kind]} word={serverStateNames[server.state.kind]} />
      </td>
      <td>
        <ForwardControl
          server={server}
          hostAlias={alias}
          modelId={model?.id ?? null}
          forward={forward}
          why={why}
        />
      </td>
    </tr>
  );
});

/** How busy the model is; its own numbers, or dashes where its server tells none. */
function LoadCells({ load }: { readonly load: ModelLoad | null }) {
  const waiting = load?.waiting ?? null;
  const hasRate = load !== null && (load.promptTokensPerSecond ?? load.generationTokensPerSecond) !== null;
  return (
    <>
      <td className="number wide-1">{formatCount(load?.running ?? null)}</td>
      <td className={waiting !== null && waiting > 0 ? 'number wide-1 strong' : 'number wide-1'}>
        {formatCount(waiting)}
      </td>
      <td className="number wide-2">
        {hasRate && <span className="dim">{`${formatCount(load?.promptTokensPerSecond ?? null)}, `}</span>}
        {formatCount(load?.generationTokensPerSecond ?? null)}
      </td>
      <td className="number wide-3">{formatPct(load?.kvCachePct ?? null)}</td>
      <td className="number wide-4">{formatLatency(load?.ttft?.p50Ms ?? null)}</td>
    </>
  );
}

interface NameProps {
  readonly server: ModelServer;
  readonly model: Model | null;
  readonly isAdapter: boolean;
}

function ModelName({ server, model, isAdapter }: NameProps) {
  if (model !== null) {
    return (
      <span className="cut" title={model.id}>
        {model.id}
        {isAdapter && <span className="dim"> adapter</span>}
      </span>
    );
  }
  const { title, detail } = whyNoModel(server.state);
  return (
    <span className="dim" title={[title, detail].filter(Boolean).join('\n')}>
      <span className="cut">{title}</span>
      {detail !== '' && <span className="subline cut">{detail}</span>}
    </span>
  );
}
