/** The clock and the timers of this process. A test that moves time itself gives another Clock in place of `systemClock`. */

// Node and the browser both have these, but the types of neither are known to this folder.
declare function setTimeout(work: () => void, ms: number): unknown;
declare function setInterval(work: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare function clearInterval(timer: unknown): void;
declare const performance: { now(): number };

/** Something that is planned. */
export interface Timer {
  /** Ends it; of no effect when it has run, or was cancelled before. */
  cancel(): void;
}

export interface TimerOptions {
  /** Does not keep the process alive; default: it does. */
  readonly background?: boolean;
}

export interface Clock {
  /** Monotonic, in milliseconds: for durations and for what is due. */
  now(): number;
  /** Milliseconds since 1970, which a person may set back: for times that are shown. */
  wallNow(): number;
  /** Calls `work` once, in `ms` milliseconds. */
  after(ms: number, work: () => void, options?: TimerOptions): Timer;
  /** Calls `work` every `ms` milliseconds, for the first time in `ms`. */
  every(ms: number, work: () => void, options?: TimerOptions): Timer;
}

function inBackground(timer: unknown, { background = false }: TimerOptions): void {
  // A browser's timer is a number.
  if (background) (timer as { unref?(): void }).unref?.();
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  after(ms, work, options = {}) {
    const timer = setTimeout(work, ms);
    inBackground(timer, options);
    return { cancel: () => clearTimeout(timer) };
  },
  every(ms, work, options = {}) {
    const timer = setInterval(work, ms);
    inBackground(timer, options);
    return { cancel: () => clearInterval(timer) };
  },
};

/** Calls `work` once, in `ms` milliseconds. */
export const after = systemClock.after;
/** Calls `work` every `ms` milliseconds, for the first time in `ms`. */
export const every = systemClock.every;

/** One timer that is set again and again; setting it replaces what was set before. */
export interface Alarm extends Timer {
  after(ms: number, work: () => void): void;
  every(ms: number, work: () => void): void;
  /** Not while the work of `after` runs, nor after it. */
  isSet(): boolean;
}

export interface AlarmOptions extends TimerOptions {
  readonly clock?: Clock;
}

export function createAlarm({ clock = systemClock, ...options }: AlarmOptions = {}): Alarm {
  let timer: Timer | null = null;
  const cancel = (): void => {
    timer?.cancel();
    timer = null;
  };
  return {
    after(ms, work) {
      cancel();
      const once = (): void => {
        timer = null;
        work();
      };
      timer = clock.after(ms, once, options);
    },
    every(ms, work) {
      cancel();
      timer = clock.every(ms, work, options);
    },
    isSet: () => timer !== null,
    cancel,
  };
}
