import type { ReactNode } from 'react';
import css from './SectionHead.module.css';

interface Props {
  readonly id: string;
  readonly title: string;
  readonly what: string;
  /** What stands at the end of the line: buttons, and what they say. */
  readonly children?: ReactNode;
}

export function SectionHead({ id, title, what, children }: Props) {
  return (
    <div className={css.head}>
      <h2 className={css.title} id={id}>
        {title}
      </h2>
      <p className={css.what}>{what}</p>
      {children}
    </div>
  );
}
