import { expect, test } from 'vitest';
import { ratesBetween } from '../../../renderer/forwards/use-rates.ts';

test('rates follow the counters, and are the same object while nothing flows', () => {
  const at = (atMs: number, bytesIn: number, bytesOut: number) => ({
    atMs,
    traffic: { openConnections: 1, totalConnections: 1, bytesIn, bytesOut },
  });
  expect(ratesBetween(at(0, 1000, 0), at(2000, 5000, 100))).toEqual({ in: 2000, out: 50 });
  const still = ratesBetween(at(0, 10, 10), at(2000, 10, 10));
  expect(ratesBetween(at(0, 10, 10), at(2000, 5, 10))).toBe(still);
  expect(still).toEqual({ in: 0, out: 0 });
});
