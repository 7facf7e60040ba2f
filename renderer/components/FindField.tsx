import { Icon } from '../icons/Icon.tsx';
import css from './FindField.module.css';

interface Props {
  /** Its accessible name, and what stands in it while it is empty. */
  readonly label: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** Narrows the list below it by plain text; `/` leads to it, Escape empties it. */
export function FindField({ label, text, onChange }: Props) {
  return (
    <span className={css.filter}>
      <Icon name="search" />
      <input
        data-filter
        className="filter-input"
        aria-label={label}
        placeholder={label}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onChange('');
        }}
      />
    </span>
  );
}
