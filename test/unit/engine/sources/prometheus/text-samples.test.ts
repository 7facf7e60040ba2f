import { describe, expect, it } from 'vitest';
import type { RawAnswer } from '#engine/sources/prometheus/answer.ts';
import { eachSample } from '#engine/sources/prometheus/text-samples.ts';

const answer = (body: string, status = 200): RawAnswer => ({
  status,
  contentType: 'application/json',
  location: '',
  body,
});

function read(given: RawAnswer | string) {
  const items: { labels: string; value: string }[] = [];
  const raw = typeof given === 'string' ? answer(given) : given;
  const partial = eachSample(raw, (labels, value) => items.push({ labels, value }));
  return { items, partial };
}

/** As Prometheus writes it: these series at one moment, and what stands behind them. */
const written = (series: readonly (readonly [labels: object, value: string])[], behind = ''): string => {
  const items = series.map(
    ([labels, value]) => `{"metric":${JSON.stringify(labels)},"value":[1764.5,"${value}"]}`,
  );
  return `{"status":"success","data":{"resultType":"vector","result":[${items.join(',')}]}${behind}}`;
};

describe('the samples of an answer', () => {
  it('have their labels as they came, and their values', () => {
    const labels = [{ __name__: 'a', instance: 'x:1' }, {}];
    const { items, partial } = read(written(labels.map((one, at) => [one, String(at)])));
    expect(items.map(({ labels: text, value }) => [JSON.parse(text), value])).toEqual([
      [labels[0], '0'],
      [labels[1], '1'],
    ]);
    expect(partial).toBeNull();
    expect(read(written([])).items).toEqual([]);
  });

  it('are told apart whatever stands in a label', () => {
    const hostile = ['},"value":[', '"]}', '{"metric":', ',"result":[', '\\', '"', '}', '\u2028é\u0000'];
    const { items } = read(written(hostile.map((text) => [{ a: text, value: text, metric: text }, '7'])));
    expect(items.map(({ labels, value }) => [JSON.parse(labels).a, value])).toEqual(
      hostile.map((text) => [text, '7']),
    );
  });

  it('come with what the server says is missing', () => {
    expect(read(written([[{}, '1']], ',"warnings":["store-2 is away"]')).partial).toBe('store-2 is away');
    expect(read(written([[{}, '1']]).replace('{', '{"isPartial":true,')).partial).toMatch(/partial/);
  });

  it('are read from any other form of the same JSON', () => {
    const parsed = JSON.parse(written([[{ b: '1' }, '5']]));
    const spaced = read(JSON.stringify(parsed, null, 2));
    expect(spaced.items).toEqual([{ labels: '{"b":"1"}', value: '5' }]);
    parsed.data.result = parsed.data.result.map(({ metric, value }: Record<string, unknown>) => ({
      value,
      metric,
    }));
    expect(read(JSON.stringify(parsed)).items).toEqual(spaced.items);
    const scalar = '{"status":"success","data":{"resultType":"scalar","result":[1764.5,"9"]}}';
    expect(read(scalar).items).toEqual([{ labels: '{}', value: '9' }]);
  });

  it.each([
    ['a refusal', answer(written([[{}, '1']]), 403), 'source-refused'],
    ['a cut answer', answer(written([[{}, '1']]).slice(0, -20)), 'source-not-prometheus'],
    ['what is around them is broken', answer(written([[{}, '1']]).slice(0, -1)), 'source-not-prometheus'],
    ['an error', answer('{"status":"error","errorType":"timeout","error":"late"}', 503), 'source-busy'],
  ])('are none of %s', (_what, given, code) => {
    expect(() => read(given)).toThrow(expect.objectContaining({ code }));
  });
});
