import type { Clock } from '#common/timer.ts';

/** A Clock that stands still until the test moves it. */
export interface FakeClock extends Clock {
  /** Lets time pass, and runs what comes due on its way, in order; what that work begins is under way when it resolves. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock, as a person or a sleep of the computer does: nothing comes due by that. */
  setWall(wallMs: number): void;
  /** How many timers are set. */
  timers(): number;
}

interface Planned {
  dueAt: number;
  readonly everyMs: number | null;
  readonly work: () => void;
}

/** @param wallMs what the wall clock shows at first; the monotonic one begins at 5,000 ms. */
export function createFakeClock(wallMs = 1_000_000_000_000): FakeClock {
  let nowMs = 5000;
  let aheadMs = wallMs - nowMs;
  const planned = new Set<Planned>();

  const plan = (ms: number, everyMs: number | null, work: () => void) => {
    const one: Planned = { dueAt: nowMs + Math.max(0, ms), everyMs, work };
    planned.add(one);
    return { cancel: () => void planned.delete(one) };
  };
  const earliest = (): Planned | undefined => [...planned].sort((a, b) => a.dueAt - b.dueAt)[0];
  /** Promises go as far as they come without time. */
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  return {
    now: () => nowMs,
    wallNow: () => nowMs + aheadMs,
    after: (ms, work) => plan(ms, null, work),
    every: (ms, work) => plan(ms, Math.max(1, ms), work),
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (let next = earliest(); next !== undefined && next.dueAt <= untilMs; next = earliest()) {
        nowMs = Math.max(nowMs, next.dueAt);
        if (next.everyMs === null) planned.delete(next);
        else next.dueAt += next.everyMs;
        next.work();
        await settle();
      }
      nowMs = untilMs;
    },
    setWall(wallMs) {
      aheadMs = wallMs - nowMs;
    },
    timers: () => planned.size,
  };
}
