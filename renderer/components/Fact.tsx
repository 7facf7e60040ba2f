import type { ReactNode } from 'react';
import { frameWords } from '../lib/frame-words.ts';
import { useFormats, useWords } from '../state/language.ts';
import { useNow } from '../state/use-now.ts';
import css from './Fact.module.css';

/** A list of facts in lines as long as the place. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className={css.facts}>{children}</dl>;
}

/** One of {@link Facts}. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="clamp">{children}</dd>
    </div>
  );
}

/** How long ago that was, as it goes on. */
export function Age({ sinceMs }: { readonly sinceMs: number }) {
  const words = useWords(frameWords);
  const { elapsed } = useFormats();
  return <>{words.ago(elapsed(useNow(true) - sinceMs))}</>;
}
