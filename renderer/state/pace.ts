/** How soon something new is to be shown. */
export interface Pace {
  /** Milliseconds to wait with what has come, `sinceMs` after the last time that something was shown; 0: at once. */
  waitMs(sinceMs: number): number;
}

/** A scroll goes on while its steps follow each other this closely. */
const stillMs = 120;
/** So long the numbers may be old while everything moves. */
const longestMs = 500;

/**
 * While the reader scrolls no numbers are read, but every frame is seen: what has come waits until the scroll ends, at most half
 * a second. Otherwise nothing waits.
 */
export function createScrollPace(
  page: Pick<Document, 'addEventListener'>,
  now: () => number = Date.now,
): Pace {
  let scrolledAt = Number.NEGATIVE_INFINITY;
  page.addEventListener(
    'scroll',
    () => {
      scrolledAt = now();
    },
    { capture: true, passive: true },
  );
  return {
    waitMs(sinceMs) {
      const leftMs = scrolledAt + stillMs - now();
      return Math.max(0, Math.min(leftMs, longestMs - sinceMs));
    },
  };
}
