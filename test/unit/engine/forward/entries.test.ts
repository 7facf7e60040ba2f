/** One forward for a target, whatever comes while it opens or closes. */

import { describe, expect, it } from 'vitest';
import { createEntries } from '#engine/forward/entries.ts';
import type { OpenForward } from '#engine/forward/forward.ts';

/** A forward that says when it is closed. */
function aForward(name: string, closed: string[]): OpenForward {
  return { close: async () => void closed.push(name) } as unknown as OpenForward;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

function start() {
  const [dropped, closed]: [string[], string[]] = [[], []];
  return { entries: createEntries((id) => dropped.push(id)), dropped, closed };
}

describe('the forwards that are open', () => {
  it('are closed once, however often that is asked for', async () => {
    const { entries, dropped, closed } = start();
    entries.enter('a:1', Promise.resolve(aForward('a', closed)));
    await Promise.all([entries.drop('a:1'), entries.drop('a:1')]);
    expect([closed, dropped, entries.ids()]).toEqual([['a'], ['a:1'], []]);
  });

  it('do not have one that has failed to open', async () => {
    const { entries, dropped } = start();
    const failing = Promise.reject(new Error('no port'));
    entries.enter('a:1', failing);
    await settled();
    expect(entries.get('a:1')).toBeUndefined();
    await entries.drop('a:1');
    expect(dropped).toEqual([]);
  });

  it('have the earlier one again where the one in its place has failed to open', async () => {
    const { entries, closed } = start();
    const before = entries.enter('a:1', Promise.resolve(aForward('before', closed)));
    entries.enter('a:1', Promise.reject(new Error('taken')), before);
    await settled();
    expect(entries.get('a:1')).toBe(before);
  });

  it('lose one that is closed while it opens, as soon as it has opened', async () => {
    const { entries, dropped, closed } = start();
    let open = (_forward: OpenForward): void => undefined;
    entries.enter('a:1', new Promise((resolve) => (open = resolve)));
    const dropping = entries.drop('a:1');
    await settled();
    expect(closed).toEqual([]);
    open(aForward('late', closed));
    await dropping;
    expect([closed, dropped]).toEqual([['late'], ['a:1']]);
  });

  it('keep the next one of the target that was entered while the last one closed', async () => {
    const { entries, dropped, closed } = start();
    entries.enter('a:1', Promise.resolve(aForward('first', closed)));
    const dropping = entries.drop('a:1');
    const next = entries.enter('a:1', Promise.resolve(aForward('next', closed)));
    await dropping;
    expect(entries.get('a:1')).toBe(next);
    expect([closed, dropped]).toEqual([['first'], []]);
  });

  it('are each acted on that has opened', async () => {
    const { entries, closed } = start();
    const [one, two] = [aForward('one', closed), aForward('two', closed)];
    entries.enter('a:1', Promise.resolve(one));
    entries.enter('a:2', Promise.reject(new Error('no port')));
    entries.enter('a:3', Promise.resolve(two));
    const seen: OpenForward[] = [];
    entries.each((forward) => seen.push(forward));
    await settled();
    expect(seen).toEqual([one, two]);
  });

  it('are not changed by closing an unknown one', async () => {
    const { entries, dropped } = start();
    await entries.drop('never:1');
    expect(dropped).toEqual([]);
  });
});
