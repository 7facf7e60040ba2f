import { useEffect, useState } from 'react';
import { isLive, type Launch } from '#common/launches.ts';
import { createAlarm } from '#common/timer.ts';
import { useServices } from '../state/services.ts';
import { joinLog } from './join-log.ts';

export interface ShownLog {
  /** Null before the first look at it. */
  readonly text: string | null;
  /** The latest look at it failed. */
  readonly isAway: boolean;
}

const everyMs = 2000;

/** The end of the log of a launch: read anew every two seconds while it runs, and once more when it has ended. */
export function useLaunchLog(launch: Pick<Launch, 'id' | 'stage'>): ShownLog {
  const { bridge } = useServices();
  const { id } = launch;
  const live = isLive(launch);
  const [log, setLog] = useState<ShownLog>({ text: null, isAway: false });
  useEffect(() => {
    const alarm = createAlarm();
    let isGone = false;
    let after = 0;
    let text = '';
    const read = async () => {
      const part = await bridge.call('launch.log', { launchId: id, after }).catch(() => null);
      if (isGone) return;
      if (part !== null) {
        // One that is shorter than before was cut, or is another one: it is read from its beginning next time.
        const isOther = part.next < after;
        text = isOther ? '' : joinLog(text, part.text);
        after = isOther ? 0 : part.next;
      }
      setLog({ text, isAway: part === null });
      if (live) alarm.after(everyMs, () => void read());
    };
    void read();
    return () => {
      isGone = true;
      alarm.cancel();
    };
  }, [bridge, id, live]);
  return log;
}
