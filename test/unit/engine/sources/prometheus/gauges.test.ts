import { describe, expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { RawSample } from '#engine/sources/prometheus/answer.ts';
import type { PrometheusClient } from '#engine/sources/prometheus/client.ts';
import { gaugesOf, hostsWithout } from '#engine/sources/prometheus/gauges.ts';
import type { Survey } from '#engine/sources/prometheus/survey.ts';

const matchers = ['instance=~"a.*"', 'instance=~"b.*"'];
const survey = { gauges: ['DCGM_FI_DEV_GPU_UTIL'], matchers, utilFactor: 1 } as unknown as Survey;
const sample = (instance: string): RawSample => ({
  metric: { __name__: 'DCGM_FI_DEV_GPU_UTIL', instance, gpu: '0', UUID: `GPU-${instance}` },
  value: [1, '37'],
});
const { signal } = new AbortController();

/** A server that answers the two parts so. */
function read(...answers: readonly (RawSample[] | AppError)[]) {
  const client = {
    async instant(query: string) {
      const answer = answers[matchers.findIndex((matcher) => query.includes(matcher))];
      if (answer instanceof AppError) throw answer;
      return { items: answer ?? [], partial: null };
    },
  } as unknown as PrometheusClient;
  return gaugesOf(client, survey, signal);
}

describe('the gauges of a fleet', () => {
  it('come in parts', async () => {
    const { measured, partial, isWhole } = await read([sample('a:1')], [sample('b:1')]);
    expect([[...measured.keys()], partial, isWhole]).toEqual([['a:1', 'b:1'], null, true]);
  });

  it('are there as far as they came, where a busy server left a part out', async () => {
    const { measured, partial, isWhole } = await read([sample('a:1')], new AppError('source-busy'));
    expect([[...measured.keys()], isWhole]).toEqual([['a:1'], false]);
    expect(partial).toBe('1 of 2 parts of the answer did not come');
  });

  it('are none where no part came, or one failed of something else', async () => {
    const busy = new AppError('source-busy');
    await expect(read(busy, busy)).rejects.toBe(busy);
    const refused = new AppError('source-refused');
    await expect(read([sample('a:1')], refused)).rejects.toBe(refused);
  });
});

it('a host whose exporter was not read is known not to be gone', () => {
  const known = {
    identities: new Map([
      ['a:1', new Map()],
      ['b:1', new Map()],
    ]),
    targets: new Map([['b:1', { host: 'host-b' }]]),
  } as unknown as Survey;
  const measured = new Map([['a:1', new Map()]]);
  expect([...hostsWithout(measured, known)]).toEqual(['host-b']);
});
