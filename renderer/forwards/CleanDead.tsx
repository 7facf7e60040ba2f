import { useState } from 'react';
import type { OtherForward } from '#common/other-forwards.ts';
import { detailText } from '#common/words/details.ts';
import { errorWords } from '#common/words/states.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { Icon } from '../icons/Icon.tsx';
import { useLanguage, useWords } from '../state/language.ts';
import { useServices } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import css from './CleanDead.module.css';
import { sectionWords } from './section-words.ts';

/** Ends the tmux sessions whose forwards are dead, after it has listed them with the reason; nothing where there are none. */
export function CleanDead({ forwards }: { readonly forwards: readonly OtherForward[] }) {
  const call = useCall();
  const { toasts } = useServices();
  const words = useWords(sectionWords);
  const [asked, setAsked] = useState<readonly DeadSession[] | null>(null);
  const dead = forwards.flatMap(deadSession);
  const clean = async () => {
    const ended = await call('otherForwards.clean', { ids: (asked ?? []).map(({ id }) => id) });
    if (ended !== undefined)
      toasts.show({ kind: 'done', title: words.cleaned(ended.length), hint: '', detail: '' });
  };
  return (
    <>
      {dead.length > 0 && (
        <button type="button" className="button" onClick={() => setAsked(dead)}>
          <Icon name="end" />
          {words.clean(dead.length)}
        </button>
      )}
      {asked !== null && (
        <ConfirmDialog
          title={words.cleanTitle(asked.length)}
          confirm={words.cleanConfirm(asked.length)}
          onConfirm={clean}
          onClose={() => setAsked(null)}
        >
          <p>{words.cleanWhat}</p>
          <ul className={css.deadList}>
            {asked.map((one) => (
              <Dead key={one.id} {...one} />
            ))}
          </ul>
        </ConfirmDialog>
      )}
    </>
  );
}

interface DeadSession extends Pick<OtherForward, 'id' | 'localPort' | 'destination' | 'remotePort'> {
  readonly session: string;
  readonly state: Extract<OtherForward['state'], { readonly kind: 'dead' }>;
}

function deadSession({ owner, state, ...rest }: OtherForward): readonly DeadSession[] {
  return owner.kind === 'tmux' && state.kind === 'dead' ? [{ ...rest, session: owner.session, state }] : [];
}

function Dead({ session, state, localPort, destination, remotePort }: DeadSession) {
  const language = useLanguage();
  const words = useWords(sectionWords);
  const why = [
    errorWords(state.failure.code, language).title,
    detailText(state.failure.detail, language),
  ].filter(Boolean);
  return (
    <li>
      <p className="mono">{session}</p>
      <p className="dim small">
        {`${words.portsOf(`localhost:${localPort}`, `${destination}:${remotePort}`)}. ${why.join(': ')}.`}
      </p>
    </li>
  );
}
