import { useCallback, useState } from 'react';

/** The keys of the rows that are unfolded, and what folds and unfolds one. */
export function useExpanded(): readonly [ReadonlySet<string>, (key: string) => void] {
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback(
    (key: string) =>
      setExpanded((keys) => new Set(keys.has(key) ? [...keys].filter((one) => one !== key) : [...keys, key])),
    [],
  );
  return [expanded, toggle];
}
