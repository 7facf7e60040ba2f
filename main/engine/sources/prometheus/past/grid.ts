/** At which times a source is asked for the past: few points, however far back they reach and however often it scrapes. Pure. */

import { type HistoryRange, rangeMs } from '#common/history.ts';

/** All in whole seconds; times since the epoch, by the server's clock. */
export interface Grid {
  readonly startS: number;
  readonly endS: number;
  readonly stepS: number;
  /** What each point is a mean of: what lies between it and the one before, and two scrapes at least, as one may be missing. */
  readonly meanS: number;
  /** What each rate is taken over: four scrapes at least. */
  readonly rateS: number;
}

export interface Moment {
  readonly nowMs: number;
  /** The server's clock less this computer's. */
  readonly clockAheadMs: number;
  readonly scrapeMs: number;
}

/** Steps of a range; a chart is hardly wider in pixels. */
const mostSteps = 360;

export function gridOf(range: HistoryRange, { nowMs, clockAheadMs, scrapeMs }: Moment): Grid {
  const scrapeS = Math.ceil(scrapeMs / 1000);
  const spanS = rangeMs[range] / 1000;
  const stepS = Math.max(1, scrapeS, Math.ceil(spanS / mostSteps));
  const endS = Math.floor((nowMs + clockAheadMs) / 1000);
  return {
    startS: endS - Math.floor(spanS / stepS) * stepS,
    endS,
    stepS,
    meanS: Math.max(stepS, 2 * scrapeS),
    rateS: Math.max(60, stepS, 4 * scrapeS),
  };
}
