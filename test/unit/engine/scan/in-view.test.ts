import { beforeEach, expect, it } from 'vitest';
import { createInView, inViewForMs } from '#engine/scan/in-view.ts';
import { createFakeClock, type FakeClock } from '../../../support/fake-clock.ts';

let clock: FakeClock;
beforeEach(() => {
  clock = createFakeClock();
});

it('knows nothing before a window says what it shows, and not long after it was closed', async () => {
  const inView = createInView({ clock });
  expect([inView.isKnown(), inView.has('a')]).toEqual([false, false]);
  inView.report([]);
  expect(inView.isKnown()).toBe(true);
  inView.report(['a']);
  await clock.advance(inViewForMs - 1);
  expect([inView.isKnown(), inView.has('a'), inView.has('b')]).toEqual([true, true, false]);
  await clock.advance(1);
  expect([inView.isKnown(), inView.has('a')]).toEqual([false, false]);
});

it('has what any of several windows shows', async () => {
  const inView = createInView({ clock });
  inView.report(['a', 'b']);
  await clock.advance(20_000);
  inView.report(['b', 'c']);
  await clock.advance(15_000);
  expect(['a', 'b', 'c'].map(inView.has)).toEqual([false, true, true]);
});

it('keeps no more than it can use, the latest', () => {
  const inView = createInView({ clock });
  for (let page = 0; page < 20; page += 1)
    inView.report(Array.from({ length: 1000 }, (_, at) => `h${page}-${at}`));
  expect(inView.has('h19-999')).toBe(true);
  expect(inView.has('h0-0')).toBe(false);
});
