import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxAgeMs } from '#common/freshness.ts';
import { defaultSettings } from '#common/settings.ts';
import { pacesOf } from '#engine/scan/cadence.ts';
import { runs } from '../../../support/runs.ts';

const { cadence } = defaultSettings;
const view = { hosts: 1000, inView: null, shown: true, onBattery: false };

describe('how often hosts are measured', () => {
  it.each([
    ['a small fleet, all alike', { hosts: 100, inView: 20 }, 5000, 5000],
    ['a small fleet of a terminal', { hosts: 200 }, 5000, 5000],
    ['a large one: what is seen at the full rate', { inView: 40 }, 5000, 30_000],
    ['in between, by how many there are', { hosts: 340, inView: 40 }, 5000, 15_000],
    ['a terminal, whose rows are not known', {}, 5000, 25_000],
    ['a window that shows no host', { inView: 0 }, 5000, 30_000],
    ['all in view', { inView: 1000 }, 5000, 5000],
    ['hidden', { shown: false }, 30_000, 30_000],
    ['on battery', { inView: 40, onBattery: true }, 15_000, 30_000],
  ])('%s', (_title, fields, inViewMs, elsewhereMs) => {
    expect(pacesOf(cadence, { ...view, ...fields })).toEqual({ inViewMs, elsewhereMs });
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
          const { inViewMs, elsewhereMs } = pacesOf(paces, { hosts, inView, shown, onBattery });
          const oldest = maxAgeMs('measurement', { cadence: paces, timeouts: defaultSettings.timeouts });
          expect(elsewhereMs).toBeGreaterThanOrEqual(inViewMs);
          expect(elsewhereMs).toBeLessThan(oldest);
          expect(inViewMs).toBeGreaterThanOrEqual(shown ? paces.gpusMs : paces.hiddenMs);
        },
      ),
      runs(200),
    );
  });
});
