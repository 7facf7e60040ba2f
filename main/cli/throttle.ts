import { createAlarm } from '#common/timer.ts';

/** Runs `work` at once when the latest run is long enough ago, otherwise once when it is. */
export function throttle(work: () => void, everyMs: number): { now(): void; stop(): void } {
  let ranAt = Number.NEGATIVE_INFINITY;
  const alarm = createAlarm();
  const run = () => {
    ranAt = performance.now();
    work();
  };
  return {
    now() {
      if (!alarm.isSet()) alarm.after(Math.max(0, ranAt + everyMs - performance.now()), run);
    },
    stop: alarm.cancel,
  };
}
