import { describe, expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { PrometheusClient } from '#engine/sources/prometheus/client.ts';
import { byPace } from '#engine/sources/prometheus/exporters/registry.ts';
import { constantsOf, gaugesOf, hostsWithout } from '#engine/sources/prometheus/gauges.ts';
import { createSeriesBook } from '#engine/sources/prometheus/measured.ts';
import type { Survey } from '#engine/sources/prometheus/survey.ts';
import type { TakeSample } from '#engine/sources/prometheus/text-samples.ts';

const matchers = ['instance=~"a.*"', 'instance=~"b.*"'];
const seriesOf = createSeriesBook(1);
const paces = byPace([
  'DCGM_FI_DEV_GPU_UTIL',
  'DCGM_FI_DEV_FB_USED',
  'DCGM_FI_DEV_FB_FREE',
  'DCGM_FI_DEV_XID_ERRORS',
]);
const survey = { paces, matchers, seriesOf, utilFactor: 1 as const };
type Sample = readonly [labels: string, value: string];
const sample = (instance: string, name = 'DCGM_FI_DEV_GPU_UTIL', value = '37'): Sample => [
  JSON.stringify({ __name__: name, instance, gpu: '0', UUID: `GPU-${instance}` }),
  value,
];
const { signal } = new AbortController();

/** A server that answers so, with the samples of what is asked for; an error also after samples of it. */
function serverOf(answer: (query: string) => readonly (Sample | AppError)[]) {
  const asked: string[] = [];
  const client = {
    async each(query: string, take: TakeSample) {
      asked.push(query);
      for (const one of answer(query)) {
        if (one instanceof AppError) throw one;
        take(...one);
      }
      return null;
    },
  } as unknown as PrometheusClient;
  return { asked, client };
}

/** A server that answers the two parts so. */
function read(...answers: readonly (readonly (Sample | AppError)[])[]) {
  const { client } = serverOf((query) => answers[matchers.findIndex((one) => query.includes(one))] ?? []);
  return gaugesOf(client, survey, signal);
}

describe('the gauges of a fleet', () => {
  it('come in parts', async () => {
    const { measured, partial, isWhole } = await read([sample('a:1')], [sample('b:1')]);
    expect([[...measured.keys()], partial, isWhole]).toEqual([['a:1', 'b:1'], null, true]);
  });

  it('are there as far as they came, where a busy server left a part out', async () => {
    const { measured, partial, isWhole } = await read(
      [sample('a:1')],
      [sample('b:1'), new AppError('source-busy')],
    );
    expect([[...measured.keys()], isWhole]).toEqual([['a:1'], false]);
    expect(partial).toBe('1 of 2 parts of the answer did not come');
  });

  it('are none where no part came, or one failed of something else', async () => {
    const busy = new AppError('source-busy');
    await expect(read([busy], [busy])).rejects.toBe(busy);
    const refused = new AppError('source-refused');
    await expect(read([sample('a:1')], [refused])).rejects.toBe(refused);
  });
});

it('what stays the same is not asked for with what moves, and a fault only where there is one', async () => {
  const { asked, client } = serverOf((query) =>
    query.includes('XID') ? [sample('a:1', 'DCGM_FI_DEV_XID_ERRORS', '79')] : [],
  );
  const { measured } = await gaugesOf(client, { ...survey, matchers: [''] }, signal);
  expect(measured.get('a:1')?.get('GPU-a:1')?.values).toMatchObject({ xid: { value: 79 } });
  await constantsOf(client, { ...survey, matchers: [''] }, signal);
  expect(asked.map((query) => query.replace(/^.*?\) \(/, '('))).toEqual([
    '({__name__=~"DCGM_FI_DEV_GPU_UTIL|DCGM_FI_DEV_FB_USED"})',
    '({__name__=~"DCGM_FI_DEV_XID_ERRORS"} > 0)',
    '({__name__=~"DCGM_FI_DEV_FB_USED|DCGM_FI_DEV_FB_FREE"})',
  ]);
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
