import { expect, it } from 'vitest';
import type { Forward } from '#common/forwards.ts';
import { emptySnapshot } from '#common/reduce.ts';
import { defaultSettings } from '#common/settings.ts';
import { watchUnused } from '#engine/forward/unused.ts';
import { createStore } from '#engine/store.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { forward } from '../../../support/snapshot.ts';

const hour = 3_600_000;

function watched(forwards: readonly Forward[], close = true) {
  const settings = { ...defaultSettings, unusedForwards: { close, afterMs: 2 * hour } };
  const store = createStore(emptySnapshot({ kind: 'demo' }, settings));
  const clock = createFakeClock();
  const put = (one: Forward) => store.apply({ kind: 'forward-changed', forward: one });
  for (const one of forwards) put(one);
  const closed: string[] = [];
  const end = watchUnused({
    store,
    clock,
    log: () => undefined,
    close: async (id) => {
      closed.push(id);
      store.apply({ kind: 'forward-closed', forwardId: id });
    },
  });
  return { clock, put, closed, end, dispose: () => store.dispose() };
}

const traffic = (openConnections: number, totalConnections: number) => ({
  traffic: { openConnections, totalConnections, bytesIn: 0, bytesOut: 0 },
});

it('a forward that nothing uses is closed after that time, others are not', async () => {
  const { clock, put, closed, end, dispose } = watched([
    forward('a', 1),
    forward('a', 2, { pinned: true }),
    forward('a', 3, { origin: 'auto' }),
    forward('a', 4, traffic(1, 1)),
    forward('a', 5),
  ]);
  await clock.advance(hour);
  // One connection that has ended already.
  put(forward('a', 5, traffic(0, 1)));
  await clock.advance(hour + 60_000);
  expect(closed).toEqual(['a:1']);
  put(forward('a', 4, traffic(0, 1)));
  await clock.advance(hour);
  expect(closed).toEqual(['a:1', 'a:5']);
  await clock.advance(2 * hour);
  expect(closed).toEqual(['a:1', 'a:5', 'a:4']);
  end();
  expect(clock.timers()).toBe(0);
  dispose();
});

it('stays open for ever where that is not switched on', async () => {
  const { clock, closed, end, dispose } = watched([forward('a', 1)], false);
  await clock.advance(100 * hour);
  expect(closed).toEqual([]);
  end();
  dispose();
});
