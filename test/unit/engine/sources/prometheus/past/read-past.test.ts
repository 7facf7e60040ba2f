import { expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { RangeQuery } from '#engine/sources/prometheus/client.ts';
import type { Question } from '#engine/sources/prometheus/past/questions.ts';
import { readPast } from '#engine/sources/prometheus/past/read-past.ts';

const question = (query: string): Question => ({
  query,
  lineOf: ({ column, part }) => (column === undefined ? null : { column, isPart: part !== undefined }),
  meant: (value) => (value < 0 ? null : value),
});
const reading = {
  id: 'gpu01',
  grid: { startS: 100, endS: 140, stepS: 20, meanS: 20, rateS: 60 },
  clockAheadMs: 5000,
};
type Points = readonly (readonly [number, string])[];
const series = (column: string, values: Points, part?: string) => ({
  metric: { column, ...(part !== undefined && { part }) },
  values,
});

it('makes one track of all answers, by the clock of this computer', async () => {
  const asked: RangeQuery[] = [];
  const answers = [
    [
      series('a', [
        [100, '1.26'],
        [120, 'NaN'],
        [140, '-3'],
      ]),
      series('m', [[120, '10']], '1'),
      series('m', [[120, '20']], '2'),
    ],
    [
      series('a', [
        [100, '7'],
        [140, '8'],
      ]),
      { metric: {}, values: [[120, '1']] as Points },
    ],
  ];
  const read = await readPast(
    [question('first'), question('second')],
    async (query) => {
      asked.push(query);
      return {
        items: answers[asked.length - 1] ?? [],
        partial: asked.length === 2 ? 'a store is away' : null,
      };
    },
    reading,
  );
  expect(asked).toEqual([
    { query: 'first', startS: 100, endS: 140, stepS: 20 },
    { query: 'second', startS: 100, endS: 140, stepS: 20 },
  ]);
  expect(read).toEqual({
    track: {
      id: 'gpu01',
      times: [95_000, 115_000, 135_000],
      // The first question counts where both know something, and instances are added.
      columns: { a: [1.3, null, 8], m: [null, 30, null] },
    },
    partial: 'a store is away',
  });
});

it('ends the other questions when one fails', async () => {
  const signals: AbortSignal[] = [];
  const asked = readPast(
    [question('first'), question('second')],
    ({ query }, signal) => {
      signals.push(signal);
      if (query === 'first') return Promise.reject(new AppError('source-busy'));
      return new Promise(() => undefined);
    },
    reading,
  );
  await expect(asked).rejects.toMatchObject({ code: 'source-busy' });
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});
