import { memo } from 'react';
import type { ErrorCode } from '#common/errors.ts';
import type { Forward } from '#common/forwards.ts';
import type { Model, ModelLoad, ModelServer, ServerState } from '#common/model.ts';
import { loadOf } from '#common/select.ts';
import { engineNames, stateWords, whyNoModel } from '#common/words/states.ts';
import { type Mood, StateMark } from '../components/StateMark.tsx';
import { useFormats, useLanguage, useWords } from '../state/language.ts';
import { ForwardControl } from './ForwardControl.tsx';
import { modelWords } from './words.ts';

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
  const states = useWords(stateWords);
  const formats = useFormats();
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
      <td className="number wide-4">{formats.whole(model?.maxModelLen ?? null)}</td>
      <LoadCells load={model === null ? null : loadOf(server, model)} />
      <td className="wide-1">
        <StateMark mood={moods[server.state.kind]} word={states.server[server.state.kind]} />
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
  const formats = useFormats();
  const waiting = load?.waiting ?? null;
  const hasRate = load !== null && (load.promptTokensPerSecond ?? load.generationTokensPerSecond) !== null;
  return (
    <>
      <td className="number wide-1">{formats.count(load?.running ?? null)}</td>
      <td className={waiting !== null && waiting > 0 ? 'number wide-1 strong' : 'number wide-1'}>
        {formats.count(waiting)}
      </td>
      <td className="number wide-2">
        {hasRate && <span className="dim">{`${formats.count(load?.promptTokensPerSecond ?? null)}, `}</span>}
        {formats.count(load?.generationTokensPerSecond ?? null)}
      </td>
      <td className="number wide-3">{formats.pct(load?.kvCachePct ?? null)}</td>
      <td className="number wide-4">{formats.latency(load?.ttft?.p50Ms ?? null)}</td>
    </>
  );
}

interface NameProps {
  readonly server: ModelServer;
  readonly model: Model | null;
  readonly isAdapter: boolean;
}

function ModelName({ server, model, isAdapter }: NameProps) {
  const language = useLanguage();
  if (model !== null) {
    return (
      <span className="cut" title={model.id}>
        {model.id}
        {isAdapter && <span className="dim">{` ${modelWords[language].adapter}`}</span>}
      </span>
    );
  }
  const { title, detail } = whyNoModel(server.state, language);
  return (
    <span className="dim" title={[title, detail].filter(Boolean).join('\n')}>
      <span className="cut">{title}</span>
      {detail !== '' && <span className="subline cut">{detail}</span>}
    </span>
  );
}
