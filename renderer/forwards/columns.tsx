import { targetText } from '#common/forward-target.ts';
import type { Forward } from '#common/forwards.ts';
import { forwardAddress } from '#common/select/forwards.ts';
import { stateWords } from '#common/words/states.ts';
import { Name } from '../components/Name.tsx';
import { NextTry } from '../components/NextTry.tsx';
import { StateMark } from '../components/StateMark.tsx';
import { longer } from '../lib/format.ts';
import { failureOfForward, moodOfForward } from '../lib/forward-state.ts';
import { ForwardChip } from '../models/ForwardChip.tsx';
import { useFormats, useWords } from '../state/language.ts';
import type { TableSpec, TextKey } from '../table/column.ts';
import { FailureCell } from './FailureCell.tsx';
import { ForwardMenu } from './ForwardMenu.tsx';
import css from './ForwardsView.module.css';
import { RowActions } from './RowActions.tsx';
import { useRates } from './use-rates.ts';
import { forwardWords } from './words.ts';

/** A forward as its row shows it. */
export interface ForwardRow {
  readonly forward: Forward;
  /** The first model behind it, where one is known. */
  readonly model: string | null;
  /** A stopped one keeps its place while the reader works in the list. */
  readonly kind: 'open' | 'stopped';
}

/** The forwards of this app, in the order in which they were opened. */
export const forwardTable: TableSpec<ForwardRow, TextKey<(typeof forwardWords)['en']>> = {
  words: forwardWords,
  name: 'forwards',
  keyOf: ({ forward }) => forward.id,
  menu: (row, place) => <ForwardMenu row={row} place={place} />,
  rowClass: css.forwardRow,
  rowData: ({ kind }) => ({ 'data-kind': kind }),
  columns: [
    {
      key: 'local',
      room: { rem: 9.75 },
      cell: ({ forward, model, kind }) =>
        kind === 'open' ? (
          <ForwardChip forward={forward} modelId={model} />
        ) : (
          <span className="dim">{forwardAddress(forward) ?? '–'}</span>
        ),
    },
    {
      key: 'remote',
      isHead: true,
      room: {
        least: 14,
        text: ({ forward, model }) => longer(`${forward.label ?? ''} ${forward.id}`, model ?? ''),
      },
      cell: ({ forward }, { language }) => (
        <>
          {forward.label !== null && (
            <span className={`cut ${css.label}`} title={forward.label}>
              {forward.label}
            </span>
          )}
          <Name name={forward.id} title={forwardWords[language].onTheHost(forward.id, forward.remoteAddress)}>
            {forward.hostId}
            <span className="dim">{`:${targetText(forward)}`}</span>
          </Name>
        </>
      ),
      below: ({ model }, { language }) => (
        <span className="subline">
          {model === null ? forwardWords[language].noModelKnown : <Name name={model} />}
        </span>
      ),
    },
    {
      key: 'state',
      fromRem: 42,
      under: 'remote',
      room: { rem: 11 },
      cell: ({ forward, kind }, { language }) =>
        kind === 'open' ? (
          <State forward={forward} />
        ) : (
          <StateMark mood="unknown" word={forwardWords[language].stopped} />
        ),
    },
    {
      key: 'origin',
      fromRem: 76,
      room: { rem: 4.5 },
      cell: ({ forward }, { language }) => forwardWords[language].origins[forward.origin],
    },
    {
      key: 'since',
      align: 'end',
      fromRem: 76,
      room: { rem: 3.5 },
      hover: ({ forward }, { formats }) => formats.dateTime(forward.since),
      cell: ({ forward }, { formats }) => formats.clock(forward.since),
    },
    {
      key: 'connections',
      align: 'end',
      fromRem: 60,
      room: { rem: 5.25 },
      cell: ({ forward: { traffic } }, { language, formats: { count } }) => (
        <>
          {count(traffic.openConnections)}
          <span className="subline">{forwardWords[language].inAll(count(traffic.totalConnections))}</span>
        </>
      ),
    },
    {
      key: 'in',
      hint: 'inHint',
      align: 'end',
      fromRem: 50,
      room: { rem: 5 },
      cell: ({ forward }) => <Traffic forward={forward} way="in" />,
    },
    {
      key: 'out',
      hint: 'outHint',
      align: 'end',
      fromRem: 50,
      room: { rem: 5 },
      cell: ({ forward }) => <Traffic forward={forward} way="out" />,
    },
    {
      key: 'lastError',
      fromRem: 60,
      room: { least: 13, text: ({ forward }) => failureOfForward(forward)?.detail ?? '' },
      cell: ({ forward }) => {
        const failure = failureOfForward(forward);
        return failure === null ? <span className="dim">–</span> : <FailureCell failure={failure} />;
      },
    },
    {
      key: 'actions',
      titleIsHidden: true,
      className: css.rowActions,
      room: { rem: 5 },
      cell: ({ forward, kind }) => kind === 'open' && <RowActions forward={forward} />,
    },
  ],
};

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
      <span className={`subline ${css.stateBelow}`} data-health={health.kind}>
        {state.kind === 'retrying' && state.failure.nextAttemptAt !== null ? (
          <NextTry atMs={state.failure.nextAttemptAt} />
        ) : (
          below
        )}
      </span>
    </>
  );
}

interface TrafficProps {
  readonly forward: Forward;
  /** Seen from this computer. */
  readonly way: 'in' | 'out';
}

/** What a forward has carried one way, and how fast it does. */
function Traffic({ forward: { traffic }, way }: TrafficProps) {
  const words = useWords(forwardWords);
  const { bytes } = useFormats();
  const rates = useRates(traffic);
  return (
    <>
      {bytes(way === 'in' ? traffic.bytesIn : traffic.bytesOut)}
      <span className="subline">{words.perSecond(bytes(rates[way]))}</span>
    </>
  );
}
