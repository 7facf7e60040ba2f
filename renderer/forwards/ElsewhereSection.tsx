import { useId } from 'react';
import type { ForeignForward } from '#common/forwards.ts';
import { useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { CleanDead } from './CleanDead.tsx';
import { ForeignRow } from './ForeignRow.tsx';
import { SectionHead } from './SectionHead.tsx';
import { SectionTable } from './SectionTable.tsx';
import { sectionWords } from './section-words.ts';

/** Forwards of other programs: tmux sessions and plain ssh. `forwards` are those that the filter leaves. */
export function ElsewhereSection({ forwards }: { readonly forwards: readonly ForeignForward[] }) {
  const { elsewhere } = useSnapshot();
  const call = useCall();
  const words = useWords(sectionWords);
  const id = useId();
  return (
    <section className="section" aria-labelledby={id}>
      <SectionHead
        id={id}
        title={words.elsewhere}
        what={words.elsewhereWhat}
        lookedAt={elsewhere.lookedAt}
        refreshName={words.refreshElsewhere}
        onRefresh={() => call('elsewhere.refresh', {})}
      >
        <CleanDead forwards={elsewhere.forwards} />
      </SectionHead>
      {elsewhere.forwards.length === 0 ? (
        <p className="section-note">
          <strong>{words.noForeign}</strong> {words.noForeignHint} <Unseen />
        </p>
      ) : forwards.length === 0 ? (
        <p className="section-note">{words.noneMatches}</p>
      ) : (
        <ForeignTable forwards={forwards} />
      )}
      {elsewhere.forwards.length > 0 && (
        <p className="section-note">
          <Unseen />
        </p>
      )}
    </section>
  );
}

/** What cannot be seen here, and why. */
function Unseen() {
  const { tmux, processes } = useSnapshot().elsewhere;
  const words = useWords(sectionWords);
  const sentences = [
    words.tmuxStates[tmux],
    ...(processes === 'unsupported' ? [words.noProcesses] : []),
  ].filter((sentence) => sentence !== '');
  return <>{sentences.join(' ')}</>;
}

function ForeignTable({ forwards }: { readonly forwards: readonly ForeignForward[] }) {
  const words = useWords(sectionWords);
  return (
    <SectionTable
      className="foreign"
      columns={[
        { title: words.heldBy },
        { title: words.destination, className: 'wide-2' },
        { title: words.ports },
        { title: words.models, className: 'wide-1' },
        { title: words.state },
      ]}
    >
      {forwards.map((forward) => (
        <ForeignRow key={forward.id} forward={forward} />
      ))}
    </SectionTable>
  );
}
