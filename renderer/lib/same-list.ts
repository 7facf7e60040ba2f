import { useRef } from 'react';

/** The list of the render before while its items are the same, for what is memoised by it. */
export function useSameList<Item>(list: readonly Item[]): readonly Item[] {
  const latest = useRef(list);
  if (!isSameList(latest.current, list)) latest.current = list;
  return latest.current;
}

/** Whether two lists have the same items in the same order. */
export function isSameList<Item>(a: readonly Item[], b: readonly Item[]): boolean {
  return a === b || (a.length === b.length && a.every((item, index) => item === b[index]));
}
