import { memo } from 'react';
import type { ErrorCode } from '#common/errors.ts';
import type { Forward } from '#common/forwards.ts';
import type { Model, ModelServer } from '#common/model.ts';
import { loadOf } from '#common/select.ts';
import { engineNames, stateWords, whyNoModel } from '#common/words/states.ts';
import { detailsId } from '../components/DetailsRow.tsx';
import { StateMark } from '../components/StateMark.tsx';
import { roles } from '../components/table-roles.ts';
import { Icon } from '../icons/Icon.tsx';
import { shortModelName } from '../lib/format.ts';
import { engineOf, serverMoods } from '../lib/server-state.ts';
import { useFormats, useLanguage, useWords } from '../state/language.ts';
import { ForwardControl } from './ForwardControl.tsx';
import { KeyButton } from './KeyControl.tsx';
import { LoadCells } from './LoadCells.tsx';
import type { SharedAxis } from './shared-axis.ts';
import { modelWords } from './words.ts';

interface Props {
  readonly id: string;
  readonly server: ModelServer;
  readonly model: Model | null;
  readonly isAdapter: boolean;
  readonly forward: Forward | null;
  /** Why it cannot be forwarded; null when it can. */
  readonly why: ErrorCode | null;
  readonly axis: SharedAxis;
  readonly expanded: boolean;
  /** It was asked for by the address. */
  readonly marked: boolean;
  readonly onToggle: (key: string) => void;
  readonly index: number;
  readonly topPx: number | undefined;
  readonly measureRef: ((row: HTMLElement | null) => void) | undefined;
}

export const ModelTableRow = memo(function ModelTableRow(props: Props) {
  const { id, server, model, isAdapter, forward, why, axis, expanded, marked } = props;
  const states = useWords(stateWords);
  const { whole } = useFormats();
  const engine = engineOf(server);
  const state = <StateMark mood={serverMoods[server.state.kind]} word={states.server[server.state.kind]} />;
  return (
    <tr
      ref={props.measureRef}
      className="model-row"
      style={{ top: props.topPx }}
      data-index={props.index}
      data-key={id}
      data-adapter={isAdapter}
      data-state={server.state.kind}
      data-expanded={expanded}
      data-marked={marked}
      aria-rowindex={props.index + 2}
      {...roles.row}
    >
      <th scope="row" className="model-name" {...roles.rowHeader}>
        <button
          type="button"
          className="expander"
          aria-expanded={expanded}
          aria-controls={expanded ? detailsId(id) : undefined}
          onClick={() => props.onToggle(id)}
        >
          <Icon name="chevron" />
          <ModelName server={server} model={model} isAdapter={isAdapter} />
        </button>
        {server.state.kind === 'locked' && <KeyButton serverId={server.id} className="text-button" />}
        <span className="subline narrow-1">{state}</span>
      </th>
      <td {...roles.cell}>
        <span className="cut" title={server.id}>
          {server.hostId}
          <span className="dim">{`:${server.port}`}</span>
        </span>
        <span className="subline cut narrow-4" title={engine}>
          {engine}
        </span>
      </td>
      <td className="cut wide-4" title={engine} {...roles.cell}>
        {server.engine === null ? '–' : engineNames[server.engine]}
        {server.version !== null && <span className="dim">{` ${server.version}`}</span>}
      </td>
      <td className="number wide-4" {...roles.cell}>
        {whole(model?.maxModelLen ?? null)}
      </td>
      <td className="wide-1" {...roles.cell}>
        {state}
      </td>
      <LoadCells serverId={server.id} load={model === null ? null : loadOf(server, model)} axis={axis} />
      <td {...roles.cell}>
        <ForwardControl server={server} modelId={model?.id ?? null} forward={forward} why={why} />
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
  const language = useLanguage();
  if (model !== null) {
    const name = shortModelName(model.id);
    const organisation = model.id.endsWith(name) ? model.id.slice(0, -name.length) : '';
    return (
      <span className="cut" title={model.id}>
        <span className="organisation wide-3">{organisation}</span>
        {model.id === '' ? (
          <span className="dim">{modelWords[language].unnamed}</span>
        ) : (
          model.id.slice(organisation.length)
        )}
        {isAdapter && <span className="dim">{` ${modelWords[language].adapter}`}</span>}
      </span>
    );
  }
  const { title, detail } = whyNoModel(server.state, language);
  return (
    <span className="dim cut" title={[title, detail].filter(Boolean).join('\n')}>
      {title}
    </span>
  );
}
