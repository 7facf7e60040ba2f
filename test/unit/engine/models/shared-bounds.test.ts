import { expect, it } from 'vitest';
import { readMetrics } from '#engine/models/metrics.ts';
import { sharedBounds } from '#engine/models/shared-bounds.ts';

it('the bounds of a histogram are one list, whatever they count', () => {
  const text = (count: number, first = '0.1') =>
    [first, '1.0', '+Inf']
      .map((le) => `vllm:time_to_first_token_seconds_bucket{le="${le}",model_name="m"} ${count}\n`)
      .join('');
  const ttft = (page: string) => readMetrics(page)?.models.get('m')?.ttft;
  const [one, two, other] = [ttft(text(1)), ttft(text(2)), ttft(text(2, '0.2'))];
  expect(one?.bounds).toEqual([0.1, 1, Infinity]);
  expect(two?.bounds).toBe(one?.bounds);
  expect(two?.counts).toEqual([2, 2, 2]);
  expect(other?.bounds).toEqual([0.2, 1, Infinity]);
});

it('no more of them are kept than engines have', () => {
  const first = sharedBounds([-1, Infinity]);
  for (let at = 0; at < 1000; at += 1) sharedBounds([at, Infinity]);
  expect(sharedBounds([-1, Infinity])).not.toBe(first);
  expect(sharedBounds([-1, Infinity])).toEqual(first);
});
