import { useCallback, useEffect, useMemo, useState } from 'react';
import { createAlarm } from '#common/timer.ts';

/** How long after the latest pointer move or key press the list may move again: a pointer may be parked there all day. */
const holdMs = 10_000;

export interface Hold {
  readonly onPointerMove: () => void;
  readonly onPointerLeave: () => void;
  readonly onKeyDown: () => void;
}

/** Whether the reader works in a list, which is to hold still meanwhile, and the handlers of the list that tell it. */
export function useHold(): readonly [boolean, Hold] {
  const [held, setHeld] = useState(false);
  const [alarm] = useState(createAlarm);
  const release = useCallback(() => {
    alarm.cancel();
    setHeld(false);
  }, [alarm]);
  const hold = useCallback(() => {
    alarm.after(holdMs, release);
    setHeld(true);
  }, [alarm, release]);
  useEffect(() => alarm.cancel, [alarm]);
  const handlers = useMemo(
    () => ({ onPointerMove: hold, onPointerLeave: release, onKeyDown: hold }),
    [hold, release],
  );
  return [held, handlers];
}
