import { expect, it } from 'vitest';
import { groupBy } from '#common/group-by.ts';

it('has the items of each key in their order, and the keys as they come first', () => {
  const groups = groupBy(['b1', 'a1', 'b2', 'c1', 'a2'], ([letter]) => letter);
  expect([...groups]).toEqual([
    ['b', ['b1', 'b2']],
    ['a', ['a1', 'a2']],
    ['c', ['c1']],
  ]);
});

it('takes whatever can be gone through, once', () => {
  const servers = new Map([
    ['first:8000', 'up'],
    ['second:8000', 'down'],
    ['third:8000', 'up'],
  ]);
  const groups = groupBy(servers.entries(), ([, state]) => state);
  expect(groups.get('up')).toEqual([
    ['first:8000', 'up'],
    ['third:8000', 'up'],
  ]);
});

it('has no group without an item', () => {
  expect(groupBy([], () => 'none').size).toBe(0);
});
