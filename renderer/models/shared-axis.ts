import { createContext, useContext } from 'react';

/** The axis that all sparklines of a table share, so that two rows compare at a glance. */
export interface SharedAxis {
  /** It goes from 0 to this. */
  top(): number;
  /** A value that is shown: the axis grows where it is above its top. It never shrinks, so that nothing jumps. */
  reach(value: number): void;
  subscribe(listener: () => void): () => void;
}

export function createSharedAxis(leastTop: number): SharedAxis {
  let top = leastTop;
  const listeners = new Set<() => void>();
  return {
    top: () => top,
    reach(value) {
      if (value <= top) return;
      top = roundTop(value);
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Of the table that the component stands in. */
export const SharedAxisContext = createContext<SharedAxis | null>(null);

export function useSharedAxis(): SharedAxis {
  const axis = useContext(SharedAxisContext);
  if (axis === null) throw new Error('no axis above this component');
  return axis;
}

/** The next 1, 2 or 5 with zeros behind it. */
export function roundTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((one) => value <= one * power) ?? 10;
  return step * power;
}
