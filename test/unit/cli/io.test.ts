import { expect, it } from 'vitest';
import { endsBefore } from '../../../main/cli/io.ts';

it('waits for a work to its end, and for its failure', async () => {
  const { signal } = new AbortController();
  expect(await endsBefore(Promise.resolve('done'), { interrupted: signal })).toBe(true);
  await expect(endsBefore(Promise.reject(new Error('lost')), { interrupted: signal })).rejects.toThrow(
    'lost',
  );
});

it('waits for no work after an interruption', async () => {
  const interruption = new AbortController();
  let fail = (_error: Error): void => undefined;
  const work = new Promise((_resolve, reject) => {
    fail = reject;
  });
  const ended = endsBefore(work, { interrupted: interruption.signal });
  interruption.abort();
  expect(await ended).toBe(false);
  // As what is closed under it does.
  fail(new Error('cancelled'));
  expect(await endsBefore(new Promise(() => undefined), { interrupted: interruption.signal })).toBe(false);
});
