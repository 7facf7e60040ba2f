import { type KeyboardEvent, useId } from 'react';
import css from './Tabs.module.css';

interface Props<Name extends string> {
  readonly label: string;
  /** The tabs and their words, in their order. */
  readonly tabs: Readonly<Record<Name, string>>;
  readonly current: Name;
  readonly onChange: (name: Name) => void;
  /** What else stands in the line of the tabs. */
  readonly more?: React.ReactNode;
  readonly children: React.ReactNode;
}

/** Tabs by the WAI-ARIA pattern: one stop for Tab, arrows, Home and End move and show. */
export function Tabs<Name extends string>({ label, tabs, current, onChange, more, children }: Props<Name>) {
  const id = useId();
  const names = Object.keys(tabs) as Name[];
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const at = names.indexOf(current);
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: (at + 1) % names.length,
      ArrowLeft: (at + names.length - 1) % names.length,
      Home: 0,
      End: names.length - 1,
    };
    const name = names[steps[event.key] ?? -1];
    if (name === undefined) return;
    event.preventDefault();
    onChange(name);
    document.getElementById(`${id}-${name}`)?.focus();
  };
  return (
    <div className={css.tabs}>
      <div className={css.head}>
        <div className={css.list} role="tablist" aria-label={label}>
          {names.map((name) => (
            <button
              key={name}
              id={`${id}-${name}`}
              type="button"
              role="tab"
              className={css.tab}
              data-text={tabs[name]}
              aria-selected={name === current}
              aria-controls={name === current ? `${id}-panel` : undefined}
              tabIndex={name === current ? 0 : -1}
              onClick={() => onChange(name)}
              onKeyDown={onKeyDown}
            >
              {tabs[name]}
            </button>
          ))}
        </div>
        {more}
      </div>
      <div className={css.panel} id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${current}`}>
        {children}
      </div>
    </div>
  );
}
