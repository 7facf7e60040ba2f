import { useState } from 'react';
import { type WaitingKey, waitingKeys } from '#common/select/hosts.ts';
import { DialogForm } from '../components/DialogForm.tsx';
import { useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import css from './HostKeysDialog.module.css';
import { promptWords } from './words.ts';

interface Props {
  /** The one key to review; absent: all of them. */
  readonly keyId?: string;
  readonly onClose: () => void;
}

/** Unknown host keys in one list; none is chosen beforehand. */
export function HostKeysDialog({ keyId, onClose }: Props) {
  const call = useCall();
  const words = useWords(promptWords);
  const keys = waitingKeys(useSnapshot()).filter(({ key }) => keyId === undefined || key.id === keyId);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const ids = keys.map(({ key }) => key.id).filter((id) => chosen.has(id));
  const files = [...new Set(keys.map(({ key }) => key.file))].join(', ');
  const choose = (id: string, wanted: boolean) => {
    const next = new Set(chosen);
    if (wanted) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  const accept = () => {
    void call('hostKey.accept', { keyIds: ids });
    if (ids.length === keys.length) onClose();
  };
  return (
    <DialogForm
      title={words.keysToCheck(keys.length)}
      cancel={words.notNow}
      onClose={onClose}
      submit={ids.length === 0 ? words.accept : words.acceptKeys(ids.length)}
      isOff={ids.length === 0}
      beside={
        keys.length > 1 && (
          <button
            type="button"
            className={`button ${css.dialogApart}`}
            onClick={() => setChosen(new Set(keys.map(({ key }) => key.id)))}
          >
            {words.selectAll}
          </button>
        )
      }
      onSubmit={accept}
    >
      <p className="dim">
        {words.keysIntro} <span className="raw">{files}</span>.
      </p>
      <ul className={css.list}>
        {keys.map((waiting) => (
          <KeyRow
            key={waiting.key.id}
            waiting={waiting}
            chosen={chosen.has(waiting.key.id)}
            onChoose={(wanted) => choose(waiting.key.id, wanted)}
          />
        ))}
      </ul>
    </DialogForm>
  );
}

interface RowProps {
  readonly waiting: WaitingKey;
  readonly chosen: boolean;
  readonly onChoose: (wanted: boolean) => void;
}

function KeyRow({ waiting: { key, hosts }, chosen, onChoose }: RowProps) {
  const words = useWords(promptWords);
  const type = key.type.replace(/^ssh-/, '');
  const aliases = hosts.map(({ alias }) => alias).filter((alias) => alias !== key.name);
  return (
    <li>
      <label className={css.row}>
        <input type="checkbox" checked={chosen} onChange={(event) => onChoose(event.target.checked)} />
        <span>
          <b>{aliases.length === 0 ? key.name : listSome(aliases, words.andMore)}</b>{' '}
          <span className="dim">{aliases.length === 0 ? type : words.keyAt(key.name, type)}</span>
          <span className={`${css.print} raw`}>{key.fingerprint}</span>
        </span>
      </label>
    </li>
  );
}

const mostNames = 6;

function listSome(names: readonly string[], andMore: (names: string, more: number) => string): string {
  const shown = names.slice(0, mostNames).join(', ');
  return names.length > mostNames ? andMore(shown, names.length - mostNames) : shown;
}
