import { memo, type ReactNode } from 'react';
import { nameParts } from '#common/cut.ts';
import css from './Name.module.css';

interface Props {
  readonly name: string;
  /** The hover text, where it is not the name. */
  readonly title?: string;
  /** The name where it fits; absent: as it is. */
  readonly children?: ReactNode;
}

/**
 * A name that is cut in its middle where it finds no room. The whole one is its text for a screen reader, a search and a copy;
 * the style sheet shows the cut one in its place (see its sheet).
 */
export const Name = memo(function Name({ name, title = name, children }: Props) {
  const { head, tail } = nameParts(name);
  return (
    <span className={css.cutName} title={title}>
      <span className={css.short} aria-hidden="true" data-head={head} data-tail={tail} />
      <span className={css.whole}>{children ?? name}</span>
    </span>
  );
});
