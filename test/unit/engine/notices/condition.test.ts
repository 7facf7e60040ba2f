/** When a condition begins to count, and when it has ended. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCondition } from '#engine/notices/condition.ts';

const times = { holdMs: 30_000, restMs: 60_000 };

describe('a condition', () => {
  it('begins when it has held for its time, and ends when it was gone for its time', () => {
    const { observe } = createCondition(times);
    const seen = [0, 29_999, 30_000, 30_001].map((nowMs) => observe(true, nowMs));
    expect(seen).toEqual([null, null, 'begins', null]);
    expect([40_000, 99_999, 100_000].map((nowMs) => observe(false, nowMs))).toEqual([null, null, 'ends']);
  });

  it('has its whole time before it again when it was interrupted', () => {
    const { observe } = createCondition(times);
    observe(true, 0);
    observe(false, 29_000);
    observe(true, 29_500);
    expect(observe(true, 59_499)).toBe(null);
    expect(observe(true, 59_500)).toBe('begins');
  });

  it('that holds at the start is no news; its end is', () => {
    const { observe } = createCondition({ holdMs: 0, restMs: 0 }, true);
    expect([observe(true, 0), observe(false, 1), observe(true, 2)]).toEqual([null, 'ends', 'begins']);
  });

  it('counts no time in which nothing is known', () => {
    const condition = createCondition(times);
    condition.observe(true, 0);
    condition.pause();
    expect(condition.observe(true, 30_000)).toBe(null);
    expect(condition.observe(true, 60_000)).toBe('begins');
    condition.observe(false, 70_000);
    condition.pause();
    expect(condition.observe(false, 130_000)).toBe(null);
    // What was reported stays so.
    expect(condition.observe(true, 500_000)).toBe(null);
    expect(condition.observe(false, 600_000)).toBe(null);
    expect(condition.observe(false, 660_000)).toBe('ends');
  });

  it('begins and ends in turn, whatever is observed', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(100_000)), { maxLength: 50 });
    fc.assert(
      fc.property(steps, (observed) => {
        const { observe } = createCondition(times);
        let nowMs = 0;
        const changes = observed.flatMap(([holds, passed]) => {
          nowMs += passed;
          return observe(holds, nowMs) ?? [];
        });
        expect(changes).toEqual(changes.map((_, at) => (at % 2 === 0 ? 'begins' : 'ends')));
      }),
    );
  });
});
