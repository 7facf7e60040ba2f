import { expect, it } from 'vitest';
import { createPlaceMap } from '#engine/ssh/pool/places.ts';

it('keeps values apart by target and by lane, and leaves nothing of one that is deleted', () => {
  const map = createPlaceMap<string>();
  map.set({ target: 'a', lane: 'main' }, 'a main');
  map.set({ target: 'a', lane: 'second' }, 'a second');
  map.set({ target: 'b', lane: 'main' }, 'b main');
  expect(map.get({ target: 'a', lane: 'second' })).toBe('a second');
  expect(map.get({ target: 'b', lane: 'second' })).toBeUndefined();
  expect(map.values()).toEqual(['a main', 'a second', 'b main']);
  expect(map.values((target) => target !== 'a')).toEqual(['b main']);
  map.delete({ target: 'a', lane: 'main' });
  map.delete({ target: 'c', lane: 'main' });
  expect(map.values()).toEqual(['a second', 'b main']);
});
