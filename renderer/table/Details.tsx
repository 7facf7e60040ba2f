import type { ReactNode } from 'react';
import css from './Details.module.css';

interface Props {
  readonly children: ReactNode;
}

/** What a row unfolds, below the name of the row. */
export function Details({ children }: Props) {
  return <div className={css.details}>{children}</div>;
}

/** What one can do or copy there. */
export function DetailsCommands({ children }: Props) {
  return <div className={css.commands}>{children}</div>;
}

/** What is wrong, and beside it the way out. */
export function DetailsFailure({ children }: Props) {
  return <div className={css.failure}>{children}</div>;
}
