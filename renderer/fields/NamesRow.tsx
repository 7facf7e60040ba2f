import { useState } from 'react';
import { Icon } from '../icons/Icon.tsx';
import { useWords } from '../state/language.ts';
import css from './NamesRow.module.css';
import { SettingRow } from './SettingRow.tsx';
import { fieldWords } from './words.ts';

interface Props<Value extends string | number> {
  readonly label: string;
  readonly help?: React.ReactNode;
  readonly placeholder?: string;
  readonly values: readonly Value[];
  /** What one of the texts means; null where it cannot be in the list. */
  readonly read: (text: string) => Value | null;
  /** Said where `read` takes a text for nothing. */
  readonly badText: string;
  /** Of entries. */
  readonly most: number;
  /** What could be meant, for the browser to offer. */
  readonly offers?: readonly string[];
  readonly onChange: (values: readonly Value[]) => void;
}

/** More offers than this only hide each other. */
const mostOffers = 50;

/** A list of names or numbers: Enter or a comma adds, each has a button that takes it out. */
export function NamesRow<Value extends string | number>(props: Props<Value>) {
  const { label, help, placeholder, values, read, badText, most, offers = [], onChange } = props;
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<string | null>(null);
  const words = useWords(fieldWords);

  const add = () => {
    const texts = typed.split(/[,\s]+/).filter((text) => text !== '');
    const added = texts.map(read);
    const known = added.filter((value) => value !== null);
    if (known.length < added.length) setError(badText);
    else if (new Set([...values, ...known]).size > most) setError(words.tooMany(most));
    else {
      setTyped('');
      if (known.length > 0) onChange([...new Set([...values, ...known])]);
    }
  };
  const wanted = typed.trim().toLowerCase();
  const offered = wanted === '' ? [] : offers.filter((offer) => offer.toLowerCase().includes(wanted));

  return (
    <SettingRow label={label} help={help} error={error} wide>
      {(control) => (
        <>
          {values.length > 0 && (
            <ul className={css.names} aria-label={label}>
              {values.map((value) => (
                <li key={value} className={css.name}>
                  <span className="cut">{value}</span>
                  <button
                    type="button"
                    className="icon-button"
                    aria-label={words.takeOut(String(value))}
                    onClick={() => onChange(values.filter((one) => one !== value))}
                  >
                    <Icon name="close" />
                  </button>
                </li>
              ))}
            </ul>
          )}
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
              onBlur={add}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' && event.key !== ',') return;
                event.preventDefault();
                add();
              }}
            />
            <button type="button" className="button" aria-label={words.addTo(label)} onClick={add}>
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
