import { memo } from 'react';
import type { Forward } from '#common/forwards.ts';
import { stateWords } from '#common/words/states.ts';
import { detailsId } from '../components/DetailsRow.tsx';
import { StateMark } from '../components/StateMark.tsx';
import { roles } from '../components/table-roles.ts';
import { Icon } from '../icons/Icon.tsx';
import { failureOfForward, moodOfForward } from '../lib/forward-state.ts';
import { ForwardChip } from '../models/ForwardChip.tsx';
import { useFormats, useWords } from '../state/language.ts';
import { FailureCell } from './FailureCell.tsx';
import { RowActions } from './RowActions.tsx';
import { useRates } from './use-rates.ts';
import { forwardWords } from './words.ts';

interface Props {
  readonly forward: Forward;
  /** The first model behind it, where one is known. */
  readonly model: string | null;
  readonly expanded: boolean;
  /** It was asked for by the address. */
  readonly marked: boolean;
  readonly onToggle: (key: string) => void;
  readonly index: number;
  readonly topPx: number | undefined;
  readonly measureRef: ((row: HTMLElement | null) => void) | undefined;
}

export const ForwardRow = memo(function ForwardRow(props: Props) {
  const { forward, model, expanded, marked, index, onToggle, topPx, measureRef } = props;
  const words = useWords(forwardWords);
  const formats = useFormats();
  const { traffic } = forward;
  const state = <State forward={forward} />;
  const failure = failureOfForward(forward);
  return (
    <tr
      ref={measureRef}
      className="forward-row"
      style={{ top: topPx }}
      data-index={index}
      data-key={forward.id}
      data-expanded={expanded}
      data-marked={marked}
      aria-rowindex={index + 2}
      {...roles.row}
    >
      <td {...roles.cell}>
        <ForwardChip forward={forward} modelId={model} />
      </td>
      <th scope="row" className="forward-remote" {...roles.rowHeader}>
        <button
          type="button"
          className="expander"
          aria-expanded={expanded}
          aria-controls={expanded ? detailsId(forward.id) : undefined}
          onClick={() => onToggle(forward.id)}
        >
          <Icon name="chevron" />
          <span className="cut" title={words.onTheHost(forward.id, forward.remoteAddress)}>
            {forward.hostId}
            <span className="dim">{`:${forward.remotePort}`}</span>
          </span>
        </button>
        <span className="subline cut" title={model ?? undefined}>
          {model ?? words.noModelKnown}
        </span>
        <span className="narrow-1">{state}</span>
      </th>
      <td className="wide-1" {...roles.cell}>
        {state}
      </td>
      <td className="wide-4" {...roles.cell}>
        {words.origins[forward.origin]}
      </td>
      <td className="number wide-4" title={formats.dateTime(forward.since)} {...roles.cell}>
        {formats.clock(forward.since)}
      </td>
      <td className="number wide-3" {...roles.cell}>
        {formats.count(traffic.openConnections)}
        <span className="subline">{words.inAll(formats.count(traffic.totalConnections))}</span>
      </td>
      <TrafficCells forward={forward} />
      <td className="wide-3" {...roles.cell}>
        {failure === null ? <span className="dim">–</span> : <FailureCell failure={failure} />}
      </td>
      <td className="row-actions" {...roles.cell}>
        <RowActions forward={forward} />
      </td>
    </tr>
  );
});

/** The tunnel's state, and below it that of what is behind it: a listener alone says nothing of the model. */
function State({ forward }: { readonly forward: Forward }) {
  const states = useWords(stateWords);
  const words = useWords(forwardWords);
  const { state, health } = forward;
  const below = {
    opening: '',
    listening: states.health[health.kind],
    retrying: words.tunnelDown,
    failed: words.needsYou,
  }[state.kind];
  return (
    <>
      <StateMark mood={moodOfForward(forward)} word={states.forward[state.kind]} />
      <span className="subline state-below" data-health={health.kind}>
        {below}
      </span>
    </>
  );
}

function TrafficCells({ forward: { traffic } }: { readonly forward: Forward }) {
  const words = useWords(forwardWords);
  const { bytes } = useFormats();
  const rates = useRates(traffic);
  const cell = (total: number, rate: number) => (
    <td className="number wide-2" {...roles.cell}>
      {bytes(total)}
      <span className="subline">{words.perSecond(bytes(rate))}</span>
    </td>
  );
  return (
    <>
      {cell(traffic.bytesIn, rates.in)}
      {cell(traffic.bytesOut, rates.out)}
    </>
  );
}
