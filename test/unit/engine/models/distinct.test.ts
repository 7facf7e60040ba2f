/** Which samples of a metric count, where a server says the same more than once. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distinctSamples, isOf } from '#engine/models/distinct.ts';
import type { Sample } from '#engine/models/prometheus.ts';
import { runs } from '../../../support/runs.ts';

const sample = (labels: Readonly<Record<string, string>>, value: number): Sample =>
  ({ name: 'm', labels: new Map(Object.entries(labels)), value }) as unknown as Sample;
const values = (samples: readonly Sample[]) => samples.map(({ value }) => value);

describe('samples', () => {
  it('that are copies count once: of the lowest number, not of the first letter', () => {
    const copies = ['10', '9', 'x', '2'].map((rank, at) => sample({ rank, engine: '0' }, at));
    expect(values(distinctSamples(copies, { rank: 'copy' }))).toEqual([3]);
    const absent = [...copies, sample({ engine: '0' }, 7), sample({ engine: '1', rank: '5' }, 8)];
    expect(values(distinctSamples(absent, { rank: 'copy' }))).toEqual([7, 8]);
  });

  it('that are parts give way to their total, where there is one', () => {
    const parts = [sample({ kind: 'a', engine: '0' }, 1), sample({ kind: 'b', engine: '0' }, 2)];
    expect(values(distinctSamples(parts, { kind: 'part-or-total' }))).toEqual([1, 2]);
    expect(
      values(distinctSamples([...parts, sample({ engine: '0' }, 3)], { kind: 'part-or-total' })),
    ).toEqual([3]);
    expect(
      values(distinctSamples([...parts, sample({ kind: '', engine: '0' }, 4)], { kind: 'part-or-total' })),
    ).toEqual([4]);
  });

  it('of the same labels count once, whatever their order; an empty label is none', () => {
    const same = [sample({ a: '1', b: '2' }, 1), sample({ b: '2', a: '1', c: '' }, 2)];
    expect(values(distinctSamples(same, {}))).toEqual([1]);
  });

  it('are the same whether or not that is quick to see, as where no label is empty', () => {
    const roles = { rank: 'copy', kind: 'part-or-total', model: 'model' } as const;
    const value = fc.constantFrom('', '0', '1', 'x\n', 'x');
    const labels = fc.dictionary(fc.constantFrom('rank', 'kind', 'model', 'le', 'engine'), value);
    fc.assert(
      fc.property(fc.array(labels, { minLength: 2, maxLength: 8 }), (all) => {
        const quick = all.map((one, at) => sample(one, at));
        const slow = all.map((one, at) => sample({ ...one, other: '' }, at));
        expect(values(distinctSamples(quick, roles))).toEqual(values(distinctSamples(slow, roles)));
      }),
      runs(500),
    );
  });

  it('are of a series by the values of its labels', () => {
    const series = { name: 'm', where: { reason: ['stop', ''] } } as unknown as Parameters<typeof isOf>[0];
    expect(isOf(series, sample({ reason: 'stop' }, 1))).toBe(true);
    expect(isOf(series, sample({}, 1))).toBe(true);
    expect(isOf(series, sample({ reason: 'abort' }, 1))).toBe(false);
    expect(isOf('m', sample({ reason: 'abort' }, 1))).toBe(true);
  });
});
