import { memo } from 'react';
import type { Forward } from '#common/forwards.ts';
import type { Failure } from '#common/model.ts';
import { errorWords, stateWords } from '#common/words/states.ts';
import { StateMark } from '../components/StateMark.tsx';
import { Icon } from '../icons/Icon.tsx';
import { ForwardChip, forwardMoods } from '../models/ForwardChip.tsx';
import { useFormats, useLanguage, useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { forwardWords } from './words.ts';

interface Props {
  readonly forward: Forward;
  /** The first model behind it, where one is known. */
  readonly model: string | null;
}

export const ForwardRow = memo(function ForwardRow({ forward, model }: Props) {
  const actions = useActions();
  const words = useWords(forwardWords);
  const states = useWords(stateWords);
  const formats = useFormats();
  const { state, traffic } = forward;
  const remote = `${forward.hostId}:${forward.remotePort}`;
  return (
    <tr className="forward-row">
      <td>
        <ForwardChip forward={forward} modelId={model} />
      </td>
      <th scope="row" className="forward-remote">
        <span className="cut" title={words.onTheHost(remote, forward.remoteAddress)}>
          {forward.hostId}
          <span className="dim">{`:${forward.remotePort}`}</span>
        </span>
        <span className="subline cut" title={model ?? undefined}>
          {model ?? words.noModelKnown}
        </span>
      </th>
      <td>
        <StateMark mood={forwardMoods[state.kind]} word={states.forward[state.kind]} />
      </td>
      <td className="number wide-2" title={formats.dateTime(forward.since)}>
        {formats.clock(forward.since)}
      </td>
      <td className="number wide-2">
        {traffic.openConnections}
        <span className="dim">{` / ${traffic.totalConnections}`}</span>
      </td>
      <td className="number wide-1">{formats.bytes(traffic.bytesIn)}</td>
      <td className="number wide-1">{formats.bytes(traffic.bytesOut)}</td>
      <td className="wide-1">
        <LastError failure={'failure' in state ? state.failure : forward.lastError} />
      </td>
      <td className="row-actions">
        <button
          type="button"
          className="icon-button"
          title={words.stopForward}
          aria-label={words.stopForwardTo(remote)}
          onClick={() => void actions.closeForward(forward.id)}
        >
          <Icon name="stop" />
        </button>
      </td>
    </tr>
  );
});

function LastError({ failure }: { readonly failure: Failure | null }) {
  const language = useLanguage();
  if (failure === null) return <span className="dim">–</span>;
  const { title, hint } = errorWords(failure.code, language);
  return (
    <div className="last-error" title={[title, failure.detail, hint].filter(Boolean).join('\n')}>
      <span className="cut">{title}</span>
      <span className="subline cut">{failure.detail || hint}</span>
    </div>
  );
}
