import { useRef } from 'react';
import { isSameList } from '../lib/arrange.ts';

/** The list of the render before while its items are the same, for what is memoised by it. */
export function useSameList<Item>(list: readonly Item[]): readonly Item[] {
  const latest = useRef(list);
  if (!isSameList(latest.current, list)) latest.current = list;
  return latest.current;
}
