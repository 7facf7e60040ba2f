import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { historyRanges, rangeMs } from '#common/history.ts';
import { gridOf } from '#engine/sources/prometheus/past/grid.ts';

const nowMs = 1_800_000_000_500;

it('has a point each step of a range, with means over what lies between them', () => {
  const moment = { nowMs, clockAheadMs: 0, scrapeMs: 15_000 };
  expect(gridOf('half-hour', moment)).toEqual({
    startS: 1_800_000_000 - 1800,
    endS: 1_800_000_000,
    stepS: 15,
    meanS: 30,
    rateS: 60,
  });
  expect(gridOf('day', moment)).toMatchObject({ stepS: 240, meanS: 240, rateS: 240 });
  expect(gridOf('week', moment)).toMatchObject({ stepS: 1680, meanS: 1680, startS: 1_800_000_000 - 604_800 });
});

it('is in the time of the server', () => {
  const ahead = gridOf('day', { nowMs, clockAheadMs: 7_200_000, scrapeMs: 15_000 });
  expect(ahead.endS).toBe(1_800_000_000 + 7200);
});

it('asks for few points, and for no more of them than were scraped', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...historyRanges),
      fc.integer({ min: 100, max: 600_000 }),
      fc.integer({ min: -1e9, max: 1e9 }),
      (range, scrapeMs, clockAheadMs) => {
        const { startS, endS, stepS, meanS, rateS } = gridOf(range, { nowMs, clockAheadMs, scrapeMs });
        const points = (endS - startS) / stepS + 1;
        expect(Number.isInteger(points)).toBe(true);
        expect(points).toBeLessThanOrEqual(361);
        expect(endS - startS).toBeLessThanOrEqual(rangeMs[range] / 1000);
        expect(stepS * 1000).toBeGreaterThanOrEqual(scrapeMs);
        expect(meanS * 1000).toBeGreaterThanOrEqual(2 * scrapeMs);
        expect(rateS * 1000).toBeGreaterThanOrEqual(4 * scrapeMs);
      },
    ),
  );
});
