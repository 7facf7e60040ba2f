import { type ReactNode, useState } from 'react';
import { Icon } from '../icons/Icon.tsx';
import { useWords } from '../state/language.ts';
import css from './AddRow.module.css';
import { SettingRow } from './SettingRow.tsx';
import { fieldWords } from './words.ts';

interface Props {
  readonly label: string;
  readonly help?: ReactNode;
  readonly placeholder?: string;
  /** A comma ends what is typed, as Enter does. */
  readonly commaAdds?: boolean;
  /** What could be meant, for the browser to offer. */
  readonly offers?: readonly string[];
  /** Adds what a text that is not empty says; answers what is wrong with it, null where nothing is. */
  readonly add: (text: string) => string | null;
  /** What is in the list. */
  readonly children?: ReactNode;
}

/** More offers than this only hide each other. */
const mostOffers = 50;

/** A setting that is a list: Enter, the button or leaving the field adds to it. */
export function AddRow({ label, help, placeholder, commaAdds = false, offers = [], add, children }: Props) {
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<string | null>(null);
  const words = useWords(fieldWords);
  const addTyped = () => {
    const problem = typed.trim() === '' ? null : add(typed);
    setError(problem);
    if (problem === null) setTyped('');
  };
  const wanted = typed.trim().toLowerCase();
  const offered = wanted === '' ? [] : offers.filter((offer) => offer.toLowerCase().includes(wanted));
  return (
    <SettingRow label={label} help={help} error={error} wide>
      {(control) => (
        <>
          {children}
          <span className={css.add}>
            <input
              {...control}
              className="input"
              list={`${control.id}-offers`}
              placeholder={placeholder}
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={(event) => {
                setTyped(event.target.value);
                setError(null);
              }}
              onBlur={addTyped}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' && !(commaAdds && event.key === ',')) return;
                event.preventDefault();
                addTyped();
              }}
            />
            <button type="button" className="button" aria-label={words.addTo(label)} onClick={addTyped}>
              <Icon name="add" />
              {words.add}
            </button>
          </span>
          <datalist id={`${control.id}-offers`}>
            {offered.slice(0, mostOffers).map((offer) => (
              <option key={offer} value={offer} />
            ))}
          </datalist>
        </>
      )}
    </SettingRow>
  );
}
