import { useEffect, useRef, useState } from 'react';
import type { LogLine } from '#common/diagnostics.ts';
import { createAlarm } from '#common/timer.ts';
import { useServices } from '../state/services.ts';

const everyMs = 1000;
/** The engine keeps no more either. */
const mostLines = 3000;

/** The lines of the log, oldest first; asked for each second while this is shown, not paused, and the page is in view. */
export function useLog(paused: boolean): readonly LogLine[] {
  const { bridge } = useServices();
  const [lines, setLines] = useState<readonly LogLine[]>([]);
  const latest = useRef(0);
  useEffect(() => {
    if (paused) return;
    let gone = false;
    const alarm = createAlarm();
    const ask = async () => {
      if (document.visibilityState === 'visible') {
        try {
          const more = await bridge.call('log.get', { after: latest.current });
          if (gone) return;
          latest.current = more.at(-1)?.number ?? latest.current;
          if (more.length > 0) setLines((known) => [...known, ...more].slice(-mostLines));
        } catch {
          // The link is lost, which a banner tells; the next question may be answered.
        }
      }
      if (!gone) alarm.after(everyMs, () => void ask());
    };
    void ask();
    return () => {
      gone = true;
      alarm.cancel();
    };
  }, [bridge, paused]);
  return lines;
}
