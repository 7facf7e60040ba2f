import { useCallback, useEffect, useRef, useState } from 'react';
import type { Snapshot } from '#common/model.ts';
import { type Arrangement, arrange } from '../lib/arrange.ts';

/** How long after the latest pointer move or key press the list may move again: a pointer may be parked there all day. */
const holdMs = 10_000;

export interface Hold {
  readonly onPointerMove: () => void;
  readonly onPointerLeave: () => void;
  readonly onKeyDown: () => void;
}

/** The order of the hosts, and the handlers of the list that hold it still while the reader works there. */
export function useArrangement(snapshot: Snapshot): readonly [Arrangement, Hold] {
  const [held, setHeld] = useState(false);
  const [arrangement, setArrangement] = useState<Arrangement | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const release = useCallback(() => {
    clearTimeout(timer.current);
    setHeld(false);
  }, []);
  const hold = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(release, holdMs);
    setHeld(true);
  }, [release]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const next = arrange(arrangement, snapshot, held);
  // React's way to keep what the next render is compared with: set while rendering, at most once per change.
  if (next !== arrangement) setArrangement(next);
  return [next, { onPointerMove: hold, onPointerLeave: release, onKeyDown: hold }];
}
