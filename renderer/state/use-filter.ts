import { useMemo } from 'react';
import { createFilter, type Filter } from '../lib/filter.ts';
import { useAppState } from './services.ts';

/** The filter of the header for a view; the same one until its text or the idle rule changes. */
export function useFilter(query: string): Filter {
  const rule = useAppState(({ snapshot }) => snapshot?.settings.idleRule);
  if (rule === undefined) throw new Error('a view was shown before the first snapshot');
  return useMemo(() => createFilter(query, rule), [query, rule]);
}
