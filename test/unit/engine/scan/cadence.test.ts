import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxAgeMs } from '#common/freshness.ts';
import { defaultSettings } from '#common/settings.ts';
import { isLookDue, pacesOf } from '#engine/scan/cadence.ts';
import { runs } from '../../../support/runs.ts';

const { cadence, timeouts } = defaultSettings;
const settings = { cadence, timeouts };
const view = { hosts: 1000, inView: null, shown: true, onBattery: false };

describe('how often hosts are measured', () => {
  it.each([
    ['a small fleet, all alike', { hosts: 100, inView: 20 }, 5000, 5000, 15_000],
    ['a small fleet of a terminal', { hosts: 200 }, 5000, 5000, 15_000],
    ['a large one: what is seen at the full rate', { inView: 40 }, 5000, 30_000, 144_000],
    ['in between, by how many there are', { hosts: 340, inView: 40 }, 5000, 15_000, 45_000],
    ['a terminal, whose rows are not known', {}, 5000, 25_000, 75_000],
    ['a window that shows no host', { inView: 0 }, 5000, 30_000, 150_000],
    ['all in view', { inView: 1000 }, 5000, 5000, 15_000],
    ['hidden', { shown: false }, 30_000, 30_000, 75_000],
    ['hidden, and small', { hosts: 200, shown: false }, 30_000, 30_000, 15_000],
    ['on battery', { inView: 40, onBattery: true }, 15_000, 30_000, 144_000],
  ])('%s', (_title, fields, inViewMs, everyMs, lookMs) => {
    expect(pacesOf(cadence, { ...view, ...fields })).toEqual({
      inView: { everyMs: inViewMs, lookMs: cadence.portsMs },
      elsewhere: { everyMs, lookMs },
    });
  });

  it('never lets a number grow too old, nor asks more than the settings say', () => {
    const ms = fc.integer({ min: 1000, max: 600_000 });
    fc.assert(
      fc.property(
        fc.record({ gpusMs: ms, hiddenMs: ms, batteryMs: ms, portsMs: ms }),
        fc.nat(20_000),
        fc.option(fc.nat(20_000)),
        fc.boolean(),
        fc.boolean(),
        (paces, hosts, seen, shown, onBattery) => {
          const inView = seen === null ? null : Math.min(seen, hosts);
          const { inView: seenOnes, elsewhere } = pacesOf(paces, { hosts, inView, shown, onBattery });
          const oldest = maxAgeMs('measurement', { cadence: paces, timeouts: defaultSettings.timeouts });
          expect(elsewhere.everyMs).toBeGreaterThanOrEqual(seenOnes.everyMs);
          expect(elsewhere.everyMs).toBeLessThan(oldest);
          expect(elsewhere.lookMs).toBeGreaterThanOrEqual(seenOnes.lookMs);
          expect(seenOnes.everyMs).toBeGreaterThanOrEqual(shown ? paces.gpusMs : paces.hiddenMs);
        },
      ),
      runs(200),
    );
  });
});

describe('which measurements also look at ports and models', () => {
  /** Of twelve measurements after a look, each that long after the one before. */
  const looks = (everyMs: number, lookMs: number): readonly number[] => {
    let lookedAt = 0;
    return Array.from({ length: 12 }, (_, at) => at + 1).filter((at) => {
      const isDue = isLookDue(at * everyMs - lookedAt, { everyMs, lookMs }, settings);
      if (isDue) lookedAt = at * everyMs;
      return isDue;
    });
  };

  it.each([
    ['at the full rate, every third', 5000, 15_000, [3, 6, 9, 12]],
    ['of a large fleet, every second', 30_000, 144_000, [2, 4, 6, 8, 10, 12]],
    ['in between, as at the full rate', 10_000, 30_000, [3, 6, 9, 12]],
    ['of a slow host, each', 40_000, 144_000, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
  ])('%s', (_title, everyMs, lookMs, expected) => {
    expect(looks(everyMs, lookMs)).toEqual(expected);
  });

  it('one does when the clock was set back', () => {
    expect(isLookDue(-1, { everyMs: 5000, lookMs: 15_000 }, settings)).toBe(true);
  });

  it('what is found never grows too old, even where each measurement takes as long as its pace allows', () => {
    const oldest = maxAgeMs('servers', settings);
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 40_000 }), fc.integer({ min: 15_000 }), (everyMs, lookMs) => {
        for (let passedMs = everyMs; !isLookDue(passedMs, { everyMs, lookMs }, settings); passedMs += everyMs)
          expect(passedMs + everyMs + everyMs / 4).toBeLessThanOrEqual(oldest);
      }),
      runs(200),
    );
  });
});
