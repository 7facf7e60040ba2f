import { useRef } from 'react';
import type { Filter } from '../lib/filter.ts';
import type { Reveal } from './reveal.ts';

/** The id of the row that the address asks for: it is shown whatever the filter wants, until that is changed. */
export function useExempt(reveal: Reveal | null, filter: Filter): string | null {
  const exempt = useRef<{ readonly reveal: Reveal | null; readonly filter: Filter }>({ reveal, filter });
  if (exempt.current.reveal !== reveal) exempt.current = { reveal, filter };
  return reveal !== null && exempt.current.filter === filter ? reveal.id : null;
}
