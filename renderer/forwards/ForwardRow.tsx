import { memo } from 'react';
import { errors } from '#common/errors.ts';
import { formatBytes } from '#common/format.ts';
import type { Forward } from '#common/forwards.ts';
import type { Failure } from '#common/model.ts';
import { StateMark } from '../components/StateMark.tsx';
import { Icon } from '../icons/Icon.tsx';
import { formatClock } from '../lib/format.ts';
import { ForwardChip, forwardMoods, forwardWords } from '../models/ForwardChip.tsx';
import { useActions } from '../state/services.ts';

interface Props {
  readonly forward: Forward;
  /** The first model behind it, where one is known. */
  readonly model: string | null;
}

export const ForwardRow = memo(function ForwardRow({ forward, model }: Props) {
  const actions = useActions();
  const { state, traffic } = forward;
  const remote = `${forward.hostId}:${forward.remotePort}`;
  return (
    <tr className="forward-row">
      <td>
        <ForwardChip forward={forward} modelId={model} />
      </td>
      <th scope="row" className="forward-remote">
        <span className="cut" title={`${remote}, ${forward.remoteAddress} on the host`}>
          {forward.hostId}
          <span className="dim">{`:${forward.remotePort}`}</span>
        </span>
        <span className="subline cut" title={model ?? undefined}>
          {model ?? 'no model known'}
        </span>
      </th>
      <td>
        <StateMark mood={forwardMoods[state.kind]} word={forwardWords[state.kind]} />
      </td>
      <td className="number wide-2" title={new Date(forward.since).toLocaleString()}>
        {formatClock(forward.since)}
      </td>
      <td className="number wide-2">
        {traffic.openConnections}
        <span className="dim">{` / ${traffic.totalConnections}`}</span>
      </td>
      <td className="number wide-1">{formatBytes(traffic.bytesIn)}</td>
      <td className="number wide-1">{formatBytes(traffic.bytesOut)}</td>
      <td className="wide-1">
        <LastError failure={'failure' in state ? state.failure : forward.lastError} />
      </td>
      <td className="row-actions">
        <button
          type="button"
          className="icon-button"
          title="Stop forward"
          aria-label={`Stop forward to ${remote}`}
          onClick={() => void actions.closeForward(forward.id)}
        >
          <Icon name="stop" />
        </button>
      </td>
    </tr>
  );
});

function LastError({ failure }: { readonly failure: Failure | null }) {
  if (failure === null) return <span className="dim">–</span>;
  const { title, hint } = errors[failure.code];
  return (
    <div className="last-error" title={[title, failure.detail, hint].filter(Boolean).join('\n')}>
      <span className="cut">{title}</span>
      <span className="subline cut">{failure.detail || hint}</span>
    </div>
  );
}
