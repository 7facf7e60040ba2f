import { every, type Timer } from '#common/timer.ts';

/** What the gateway does at this moment: requests that are under way, and how fast tokens come. */
export interface Activity {
  /** A request begins; returns what is to be called when it has ended. */
  begin(): () => void;
  /** So many tokens have come. */
  tokens(count: number): void;
  dispose(): void;
}

/** The pace is that of the latest seconds: of one second it would jump. */
const windowSeconds = 5;

export interface Pace {
  readonly running: number;
  readonly tokensPerSecond: number | null;
}

/** `onChange` is called when a request begins or ends, and once a second while any is under way. */
export function createActivity(onChange: (pace: Pace) => void): Activity {
  let running = 0;
  let seconds: number[] = [];
  let current = 0;
  let timer: Timer | null = null;

  const tell = (): void => {
    const counted = seconds.reduce((sum, count) => sum + count, 0);
    const isKnown = running > 0 && seconds.length > 0;
    onChange({ running, tokensPerSecond: isKnown ? counted / seconds.length : null });
  };
  const tick = (): void => {
    seconds = [...seconds, current].slice(-windowSeconds);
    current = 0;
    tell();
  };
  const rest = (): void => {
    timer?.cancel();
    timer = null;
    seconds = [];
    current = 0;
  };

  return {
    begin() {
      running += 1;
      timer ??= every(1000, tick, { background: true });
      tell();
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        running -= 1;
        if (running === 0) rest();
        tell();
      };
    },
    tokens(count) {
      current += count;
    },
    dispose: rest,
  };
}
