import type { ReactNode } from 'react';
import { useFormats, useWords } from '../state/language.ts';
import { useNow } from '../state/use-now.ts';
import { frameWords } from './words.ts';

/** One of a list of facts: a `dl` of the class `facts`. */
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
