/** What a host sends that no channel takes. */

import { describe, expect, it } from 'vitest';
import { createUnasked } from '#engine/ssh/client/unasked.ts';

function start() {
  let nowMs = 0;
  const unasked = createUnasked(() => nowMs);
  return {
    ...unasked,
    pass: (ms: number) => (nowMs += ms),
    isTooMuch: (waiting = 0) => unasked.isTooMuch(() => waiting),
  };
}

describe('bytes that nothing takes', () => {
  it('may come in a burst of 8 MB, and then 20 kB a second', () => {
    const { received, isTooMuch, pass } = start();
    received(8_000_000);
    expect(isTooMuch()).toBe(false);
    received(1);
    expect(isTooMuch()).toBe(true);
    pass(1000);
    received(19_999);
    expect(isTooMuch()).toBe(false);
    received(2);
    expect(isTooMuch()).toBe(true);
  });

  it('save up no more than one burst in a quiet time', () => {
    const { received, isTooMuch, pass } = start();
    pass(86_400_000);
    received(8_000_001);
    expect(isTooMuch()).toBe(true);
  });

  it('are not those that a reader takes, or will, or that were on their way to one that is gone', () => {
    const { received, taken, abandoned, isTooMuch } = start();
    for (let sent = 0; sent < 1000; sent += 1) {
      received(100_000);
      taken(100_000);
    }
    expect(isTooMuch()).toBe(false);
    received(9_000_000);
    expect(isTooMuch(500_000)).toBe(true);
    expect(isTooMuch(1_000_000)).toBe(false);
    abandoned(1_000_000);
    expect(isTooMuch()).toBe(false);
  });
});
