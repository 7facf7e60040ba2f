import { useId } from 'react';
import type { OtherForward } from '#common/other-forwards.ts';
import { useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import { FoldableTable } from '../table/FoldableTable.tsx';
import { useTable } from '../table/use-table.ts';
import { CleanDead } from './CleanDead.tsx';
import { otherForwardTable } from './other-forward-columns.tsx';
import { RefreshComputer } from './RefreshComputer.tsx';
import css from './SectionHead.module.css';
import { SectionHead } from './SectionHead.tsx';
import { sectionWords } from './section-words.ts';

/** Other forwards: tmux sessions and plain ssh. `forwards` are those that the filter leaves. */
export function OtherForwardsSection({ forwards }: { readonly forwards: readonly OtherForward[] }) {
  const { otherForwards } = useSnapshot();
  const words = useWords(sectionWords);
  const table = useTable(otherForwardTable);
  const id = useId();
  return (
    <section className={css.section} aria-labelledby={id}>
      <SectionHead id={id} title={words.otherForwards} what={words.otherForwardsWhat}>
        <RefreshComputer />
        <CleanDead forwards={otherForwards.forwards} />
      </SectionHead>
      {otherForwards.forwards.length === 0 ? (
        <p className={css.note}>
          <strong>{words.noOtherForwards}</strong> {words.noOtherForwardsHint} <Unseen />
        </p>
      ) : forwards.length === 0 ? (
        <p className={css.note}>{words.noneMatches}</p>
      ) : (
        <FoldableTable table={table} rows={forwards} />
      )}
      {otherForwards.forwards.length > 0 && (
        <p className={css.note}>
          <Unseen />
        </p>
      )}
    </section>
  );
}

/** What cannot be seen here, and why. */
function Unseen() {
  const { tmux, processes } = useSnapshot().otherForwards;
  const words = useWords(sectionWords);
  const sentences = [
    words.tmuxStates[tmux],
    ...(processes === 'unsupported' ? [words.noProcesses] : []),
  ].filter((sentence) => sentence !== '');
  return <>{sentences.join(' ')}</>;
}
