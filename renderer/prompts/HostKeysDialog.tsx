import { useState } from 'react';
import { type WaitingKey, waitingKeys } from '#common/select.ts';
import { Dialog } from '../components/Dialog.tsx';
import { useWords } from '../state/language.ts';
import { useActions, useSnapshot } from '../state/services.ts';
import { promptWords } from './words.ts';

/** All unknown host keys in one list; none is chosen beforehand. */
export function HostKeysDialog({ onClose }: { readonly onClose: () => void }) {
  const actions = useActions();
  const words = useWords(promptWords);
  const keys = waitingKeys(useSnapshot());
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const ids = keys.map(({ key }) => key.id).filter((id) => chosen.has(id));
  const files = [...new Set(keys.map(({ key }) => key.file))].join(', ');
  const choose = (id: string, wanted: boolean) => {
    const next = new Set(chosen);
    if (wanted) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  return (
    <Dialog title={words.keysToCheck(keys.length)} onClose={onClose}>
      <div className="dialog-body">
        <p className="dim">
          {words.keysIntro} <span className="raw">{files}</span>.
        </p>
        <ul className="key-list">
          {keys.map((waiting) => (
            <KeyRow
              key={waiting.key.id}
              waiting={waiting}
              chosen={chosen.has(waiting.key.id)}
              onChoose={(wanted) => choose(waiting.key.id, wanted)}
            />
          ))}
        </ul>
        <div className="dialog-actions">
          {keys.length > 1 && (
            <button
              type="button"
              className="button dialog-apart"
              onClick={() => setChosen(new Set(keys.map(({ key }) => key.id)))}
            >
              {words.selectAll}
            </button>
          )}
          <button type="button" className="button" onClick={onClose}>
            {words.notNow}
          </button>
          <button
            type="button"
            className="button button-accent"
            aria-disabled={ids.length === 0}
            onClick={() => {
              if (ids.length === 0) return;
              void actions.acceptHostKeys(ids);
              if (ids.length === keys.length) onClose();
            }}
          >
            {ids.length === 0 ? words.accept : words.acceptKeys(ids.length)}
          </button>
        </div>
      </div>
    </Dialog>
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
      <label className="key-row">
        <input type="checkbox" checked={chosen} onChange={(event) => onChoose(event.target.checked)} />
        <span>
          <b>{aliases.length === 0 ? key.name : listSome(aliases, words.andMore)}</b>{' '}
          <span className="dim">{aliases.length === 0 ? type : words.keyAt(key.name, type)}</span>
          <span className="key-print raw">{key.fingerprint}</span>
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
