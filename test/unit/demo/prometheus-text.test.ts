import { expect, it } from 'vitest';
import { histogram, metric, sample } from '../../../main/demo/prometheus-text.ts';

it("prints as Python's client: labels in order, and numbers as floats", () => {
  expect(sample('n', { b: '2', a: '1' }, 3)).toBe('n{a="1",b="2"} 3.0\n');
  expect(sample('n', {}, 0.25)).toBe('n 0.25\n');
  expect(metric('gauge', { name: 'n', help: 'what it is', labels: {} }, 1)).toBe(
    '# HELP n what it is\n# TYPE n gauge\nn 1.0\n',
  );
});

it('counts each bucket of a histogram with those below it', () => {
  const text = histogram(
    { name: 'h', help: 'x', labels: { model: 'm' } },
    { bounds: [0.5, 1], counts: [2, 3, 4], sum: 12.5 },
  );
  expect(text.split('\n').slice(2)).toEqual([
    'h_bucket{le="0.5",model="m"} 2.0',
    'h_bucket{le="1.0",model="m"} 5.0',
    'h_bucket{le="+Inf",model="m"} 9.0',
    'h_count{model="m"} 9.0',
    'h_sum{model="m"} 12.5',
    '',
  ]);
});
