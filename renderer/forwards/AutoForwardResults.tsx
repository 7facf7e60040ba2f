import { useId, useState } from 'react';
import type { Failure } from '#common/failure.ts';
import type { AutoForwardEntry, AutoForwardStatus } from '#common/forwards.ts';
import type { Language } from '#common/language.ts';
import { forwardAddress } from '#common/select/forwards.ts';
import { detailText } from '#common/words/details.ts';
import { errorWords } from '#common/words/states.ts';
import { Name } from '../components/Name.tsx';
import { StateMark } from '../components/StateMark.tsx';
import { Icon } from '../icons/Icon.tsx';
import type { Mood } from '../lib/mood.ts';
import { useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import type { TableSpec, TextKey } from '../table/column.ts';
import { FoldableTable } from '../table/FoldableTable.tsx';
import { useTable } from '../table/use-table.ts';
import css from './AutoForwardResults.module.css';
import sectionHeadCss from './SectionHead.module.css';
import { forwardWords } from './words.ts';

const moods: Readonly<Record<AutoForwardStatus, Mood>> = {
  forwarded: 'good',
  'already-forwarded': 'good',
  'duplicate-session': 'idle',
  'closed-model-gone': 'unknown',
  kept: 'warning',
  'waiting-to-close': 'waiting',
  'no-free-port': 'bad',
  'not-allowed': 'unknown',
  failed: 'bad',
};

const statuses = Object.keys(moods) as AutoForwardStatus[];

const autoForwardTable: TableSpec<AutoForwardEntry, TextKey<(typeof forwardWords)['en']>> = {
  words: forwardWords,
  name: 'auto-forwards',
  keyOf: ({ serverId }) => serverId,
  columns: [
    {
      key: 'model',
      isHead: true,
      room: { least: 13, text: ({ model }) => model ?? '' },
      cell: ({ model }, { language }) =>
        model === null ? forwardWords[language].noModelKnown : <Name name={model} />,
    },
    {
      key: 'server',
      room: { least: 13, text: ({ serverId }) => serverId },
      cell: ({ hostId, remotePort, serverId }) => (
        <Name name={`${hostId}:${remotePort}`} title={serverId}>
          {hostId}
          <span className="dim">{`:${remotePort}`}</span>
        </Name>
      ),
    },
    {
      key: 'local',
      fromRem: 42,
      room: { rem: 8.5 },
      cell: (entry) => forwardAddress(entry) ?? '–',
    },
    {
      key: 'result',
      room: { least: 16, text: ({ failure }) => failure?.detail ?? '' },
      cell: ({ status, failure }, { language }) => (
        <>
          <StateMark mood={moods[status]} word={forwardWords[language].status[status]} />
          {failure !== null && <Why failure={failure} language={language} />}
        </>
      ),
    },
  ],
};

interface WhyProps {
  readonly failure: Failure;
  readonly language: Language;
}

function Why({ failure, language }: WhyProps) {
  const { title: what, hint } = errorWords(failure.code, language);
  const detail = detailText(failure.detail, language);
  return (
    <span className="subline cut" title={[what, detail, hint].filter(Boolean).join('\n')}>
      {[what, detail].filter(Boolean).join(': ')}
    </span>
  );
}

/** What the rules did with each model; nothing while they are switched off. */
export function AutoForwardResults() {
  const { autoForwards, settings } = useSnapshot();
  const words = useWords(forwardWords);
  const table = useTable(autoForwardTable);
  const [open, setOpen] = useState(false);
  const id = useId();
  if (!settings.autoForward.enabled) return null;
  const counts = statuses.flatMap((status) => {
    const n = autoForwards.filter((entry) => entry.status === status).length;
    return n === 0 ? [] : [words.autoCount(n, words.status[status])];
  });
  return (
    <section className={sectionHeadCss.section} aria-label={words.autoResults}>
      <button
        type="button"
        className={`expander ${css.toggle}`}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Icon name="chevron" />
        <span>{words.autoResults}</span>
        <span className="dim cut">{counts.length === 0 ? words.autoNothing : counts.join(' · ')}</span>
      </button>
      {open && autoForwards.length > 0 && <FoldableTable id={id} table={table} rows={autoForwards} />}
    </section>
  );
}
