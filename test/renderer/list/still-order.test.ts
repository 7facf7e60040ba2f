import { describe, expect, test } from 'vitest';
import { type StillOrder, stillOrder } from '../../../renderer/list/still-order.ts';

describe('an order that holds still', () => {
  const sort = {};
  const options = { sort, live: true, held: false, turn: 0, scannedAt: null };
  const keysOf = (order: StillOrder) => order.keys.join('');
  const first = stillOrder(null, ['a', 'b', 'c'], options);

  test('moves when it is its turn, after a scan, and when another order is asked for', () => {
    const next = (sorted: string, change: Partial<typeof options>) =>
      keysOf(stillOrder(first, [...sorted], { ...options, ...change }));
    expect(next('cba', {})).toBe('abc');
    expect(next('cba', { turn: 1 })).toBe('cba');
    expect(next('cba', { scannedAt: 5 } as object)).toBe('cba');
    expect(next('cba', { sort: {}, held: true })).toBe('cba');
    expect(next('cba', { live: false })).toBe('cba');
    expect(next('cba', { live: false, held: true })).toBe('abc');
  });

  test('lets rows go at once, takes new ones at its end, and catches up when it is let go', () => {
    const held = stillOrder(first, ['d', 'c', 'a'], { ...options, held: true, turn: 1 });
    expect(keysOf(held)).toBe('acd');
    expect(stillOrder(held, ['d', 'c', 'a'], { ...options, held: true, turn: 1 })).toBe(held);
    expect(keysOf(stillOrder(held, ['d', 'c', 'a'], { ...options, turn: 1 }))).toBe('dca');
  });
});
