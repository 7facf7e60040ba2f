import { useId, useState } from 'react';
import type { AutoForwardEntry, AutoForwardStatus } from '#common/forwards.ts';
import { forwardAddress } from '#common/select.ts';
import { errorWords } from '#common/words/states.ts';
import { type Mood, StateMark } from '../components/StateMark.tsx';
import { roles } from '../components/table-roles.ts';
import { Icon } from '../icons/Icon.tsx';
import { useLanguage, useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
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

/** What the rules did with each model; nothing while they are switched off. */
export function AutoForwardResults() {
  const { autoForwards, settings } = useSnapshot();
  const words = useWords(forwardWords);
  const [open, setOpen] = useState(false);
  const id = useId();
  if (!settings.autoForward.enabled) return null;
  const counts = statuses.flatMap((status) => {
    const n = autoForwards.filter((entry) => entry.status === status).length;
    return n === 0 ? [] : [words.autoCount(n, words.status[status])];
  });
  return (
    <section className="section" aria-label={words.autoResults}>
      <button
        type="button"
        className="expander section-toggle"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Icon name="chevron" />
        <span>{words.autoResults}</span>
        <span className="dim cut">{counts.length === 0 ? words.autoNothing : counts.join(' · ')}</span>
      </button>
      {open && autoForwards.length > 0 && (
        <table className="table auto-results" id={id} {...roles.table}>
          <thead {...roles.group}>
            <tr {...roles.row}>
              {[words.model, words.server, words.local, words.result].map((title) => (
                <th key={title} scope="col" {...roles.columnHeader}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody {...roles.group}>
            {autoForwards.map((entry) => (
              <Result key={entry.serverId} entry={entry} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Result({ entry }: { readonly entry: AutoForwardEntry }) {
  const words = useWords(forwardWords);
  const language = useLanguage();
  const { serverId, model, hostId, remotePort, status, failure } = entry;
  const why = failure === null ? null : errorWords(failure.code, language);
  return (
    <tr {...roles.row}>
      <th scope="row" className="cut" title={model ?? undefined} {...roles.rowHeader}>
        {model ?? words.noModelKnown}
      </th>
      <td className="cut" title={serverId} {...roles.cell}>
        {hostId}
        <span className="dim">{`:${remotePort}`}</span>
      </td>
      <td {...roles.cell}>{forwardAddress(entry) ?? '–'}</td>
      <td {...roles.cell}>
        <StateMark mood={moods[status]} word={words.status[status]} />
        {why !== null && failure !== null && (
          <span
            className="subline cut"
            title={[why.title, failure.detail, why.hint].filter(Boolean).join('\n')}
          >
            {[why.title, failure.detail].filter(Boolean).join(': ')}
          </span>
        )}
      </td>
    </tr>
  );
}
