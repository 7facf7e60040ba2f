import type { ComponentProps } from 'react';
import { Icon } from '../icons/Icon.tsx';
import { useWords } from '../state/language.ts';
import { AddRow } from './AddRow.tsx';
import css from './NamesRow.module.css';
import { fieldWords } from './words.ts';

interface Props<Value extends string | number>
  extends Omit<ComponentProps<typeof AddRow>, 'commaAdds' | 'add' | 'children'> {
  readonly values: readonly Value[];
  /** What one of the texts means; null where it cannot be in the list. */
  readonly read: (text: string) => Value | null;
  /** Said where `read` takes a text for nothing. */
  readonly badText: string;
  /** Of entries. */
  readonly most: number;
  readonly onChange: (values: readonly Value[]) => void;
}

/** A list of names or numbers: Enter or a comma adds, each has a button that takes it out. */
export function NamesRow<Value extends string | number>(props: Props<Value>) {
  const { values, read, badText, most, onChange, ...row } = props;
  const words = useWords(fieldWords);
  const add = (typed: string) => {
    const texts = typed.split(/[,\s]+/).filter((text) => text !== '');
    const added = texts.map(read);
    const known = added.filter((value) => value !== null);
    if (known.length < added.length) return badText;
    const next = [...new Set([...values, ...known])];
    if (next.length > most) return words.tooMany(most);
    if (known.length > 0) onChange(next);
    return null;
  };
  return (
    <AddRow {...row} add={add} commaAdds>
      {values.length > 0 && (
        <ul className={css.names} aria-label={row.label}>
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
    </AddRow>
  );
}
