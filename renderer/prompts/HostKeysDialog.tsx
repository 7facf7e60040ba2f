import { useState } from 'react';
import { count } from '#common/format.ts';
import { type WaitingKey, waitingKeys } from '#common/select.ts';
import { Dialog } from '../components/Dialog.tsx';
import { useActions, useSnapshot } from '../state/services.ts';

/** All unknown host keys in one list; none is chosen beforehand. */
export function HostKeysDialog({ onClose }: { readonly onClose: () => void }) {
  const actions = useActions();
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
    <Dialog title={`${count(keys.length, 'host key')} to check`} onClose={onClose}>
      <div className="dialog-body">
        <p className="dim">
          These hosts have not been seen before. Compare each fingerprint with what its administrator says:
          with a wrong one, somebody else may be listening. Accepted keys are added to{' '}
          <span className="raw">{files}</span>.
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
              Select all
            </button>
          )}
          <button type="button" className="button" onClick={onClose}>
            Not now
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
            {ids.length === 0 ? 'Accept' : `Accept ${count(ids.length, 'key')}`}
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
  const aliases = hosts.map(({ alias }) => alias).filter((alias) => alias !== key.name);
  return (
    <li>
      <label className="key-row">
        <input type="checkbox" checked={chosen} onChange={(event) => onChoose(event.target.checked)} />
        <span>
          <b>{aliases.length === 0 ? key.name : listSome(aliases)}</b>{' '}
          <span className="dim">
            {aliases.length === 0 ? '' : `at ${key.name}, `}
            {key.type.replace(/^ssh-/, '')}
          </span>
          <span className="key-print raw">{key.fingerprint}</span>
        </span>
      </label>
    </li>
  );
}

const mostNames = 6;

function listSome(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(', ');
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown;
}
