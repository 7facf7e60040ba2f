import { useEffect, useState } from 'react';
import { every } from '#common/timer.ts';

/** The time in milliseconds, renewed every second while `running`. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!running) return;
    setNow(Date.now());
    return every(1000, () => setNow(Date.now())).cancel;
  }, [running]);
  return now;
}
