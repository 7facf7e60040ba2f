import { memo } from 'react';
import { type ErrorCode, errors } from '#common/errors.ts';
import type { EngineKind, Forward, Model, ModelServer, ServerState } from '#common/model.ts';
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

const engines: Readonly<Record<EngineKind, string>> = {
  vllm: 'vLLM',
  sglang: 'SGLang',
  tgi: 'TGI',
  'llama.cpp': 'llama.cpp',
  ollama: 'Ollama',
  lmstudio: 'LM Studio',
  openai: 'OpenAI-compatible',
};

const moods: Readonly<Record<ServerState['kind'], Mood>> = { up: 'good', locked: 'locked', failed: 'bad' };
const words: Readonly<Record<ServerState['kind'], string>> = { up: 'Up', locked: 'Locked', failed: 'Failed' };

export const ModelTableRow = memo(function ModelTableRow({ alias, server, model, forward, why }: Props) {
  const isAdapter =
    model !== null && model.parent !== null && server.models.some(({ id }) => id === model.parent);
  const engine = server.engine === null ? '–' : engines[server.engine];
  return (
    <tr className="model-row" data-adapter={isAdapter}>
      <th scope="row" className="model-name">
        <ModelName server={server} model={model} isAdapter={isAdapter} />
      </th>
      <td className="cut" title={`${alias}:${server.port}`}>
        {alias}
        <span className="dim">{`:${server.port}`}</span>
      </td>
      <td className="cut wide-2">
        {engine}
        {server.version !== null && <span className="dim">{` ${server.version}`}</span>}
      </td>
      <td className="number wide-2">{formatWhole(model?.maxModelLen ?? null)}</td>
      <td className="wide-1">
        <StateMark mood={moods[server.state.kind]} word={words[server.state.kind]} />
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
  const { title, detail } = reasonOf(server.state);
  return (
    <span className="dim" title={[title, detail].filter(Boolean).join('\n')}>
      <span className="cut">{title}</span>
      {detail !== '' && <span className="subline cut">{detail}</span>}
    </span>
  );
}

function reasonOf(state: ServerState): { readonly title: string; readonly detail: string } {
  if (state.kind === 'up') return { title: 'Serves no model', detail: '' };
  if (state.kind === 'locked') return { title: 'Needs an API key to show its models', detail: '' };
  return { title: errors[state.failure.code].title, detail: state.failure.detail };
}
