import { expect, it } from 'vitest';
import { onEndSignal } from '#app/signals.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const counts = (): readonly number[] => signals.map((signal) => process.listenerCount(signal));

it('leaves every later signal, of whatever kind, to the system', () => {
  const before = counts();
  let calls = 0;
  onEndSignal(() => {
    calls += 1;
  });
  expect(counts()).toEqual(before.map((count) => count + 1));
  process.emit('SIGHUP');
  expect(calls).toBe(1);
  expect(counts()).toEqual(before);
});
