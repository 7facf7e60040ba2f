/** Rows of numbers: what is kept, what gives way, and what a clock that jumps does. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRing } from '#engine/history/ring.ts';

describe('a ring', () => {
  it('has nothing before its first row', () => {
    const ring = createRing(4);
    expect(ring.latestMs()).toBeNull();
    expect(ring.read(0)).toEqual({ times: [], columns: {} });
  });

  it('keeps the latest rows, however many come', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(200), (capacity, rows) => {
        const ring = createRing(capacity);
        for (let at = 1; at <= rows; at += 1) ring.push(at, { a: at * 2 });
        const kept = Array.from(
          { length: Math.min(capacity, rows) },
          (_, at) => rows - Math.min(capacity, rows) + 1 + at,
        );
        expect(ring.read(0).times).toEqual(kept);
        expect(ring.read(0).columns.a ?? []).toEqual(kept.map((time) => time * 2));
        expect(ring.latestMs()).toBe(rows === 0 ? null : rows);
      }),
    );
  });

  it('reads the rows between two times, both included', () => {
    const ring = createRing(10);
    for (const at of [1, 2, 3, 4]) ring.push(at, { a: at });
    expect(ring.read(2, 3).times).toEqual([2, 3]);
    expect(ring.read(5).times).toEqual([]);
  });

  it('has null, not 0, where a number is unknown or its column came later', () => {
    const ring = createRing(10);
    ring.push(1, { a: 1 });
    ring.push(2, { b: 0 });
    ring.push(3, { a: null, b: 5 });
    expect(ring.read(0).columns).toEqual({ a: [1, null, null], b: [null, 0, 5] });
  });

  it('does not show what a row held that has given way', () => {
    const ring = createRing(2);
    ring.push(1, { a: 1, b: 1 });
    ring.push(2, { a: 2 });
    ring.push(3, { a: 3 });
    expect(ring.read(0).columns).toEqual({ a: [2, 3], b: [null, null] });
  });

  it('leaves out a row that comes late, and keeps one of the same time', () => {
    const ring = createRing(10);
    ring.push(10_000, { a: 1 });
    ring.push(9_999, { a: 2 });
    ring.push(10_000, { a: 3 });
    expect(ring.read(0)).toEqual({ times: [10_000, 10_000], columns: { a: [1, 3] } });
  });

  it('forgets the future after a clock that was set back', () => {
    const ring = createRing(4);
    for (const at of [100_000, 200_000, 300_000, 400_000, 500_000]) ring.push(at, { a: at });
    ring.push(250_000, { a: 7 });
    expect(ring.read(0)).toEqual({ times: [200_000, 250_000], columns: { a: [200_000, 7] } });
    ring.push(1, { a: 1 });
    expect(ring.read(0).times).toEqual([1]);
  });

  it('has at most 1024 columns, whatever a host sends', () => {
    const ring = createRing(2);
    ring.push(1, Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`c${at}`, at])));
    expect(Object.keys(ring.read(0).columns)).toHaveLength(1024);
    ring.push(2, { late: 1, c3: 9 });
    expect(ring.read(0).columns.c3).toEqual([3, 9]);
    expect(ring.read(0).columns.late).toBeUndefined();
  });

  it('takes names that objects have already for names', () => {
    const ring = createRing(2);
    ring.push(1, JSON.parse('{"__proto__": 1, "constructor": 2}'));
    const { columns } = ring.read(0);
    expect(Object.getOwnPropertyDescriptor(columns, '__proto__')?.value).toEqual([1]);
    expect(columns.constructor).toEqual([2]);
  });
});
