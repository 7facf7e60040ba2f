import { expect, it, vi } from 'vitest';
import { lazily } from '#common/lazily.ts';

it('is made when it is asked for, and only then', () => {
  const make = vi.fn(() => ({}));
  const thing = lazily(make);
  expect(make).not.toHaveBeenCalled();
  expect(thing()).toBe(thing());
  expect(make).toHaveBeenCalledOnce();
});
