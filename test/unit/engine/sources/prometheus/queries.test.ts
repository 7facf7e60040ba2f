import { describe, expect, it } from 'vitest';
import {
  gaugesQuery,
  sampledQuery,
  vllmLatencyQuery,
  vllmRateQuery,
} from '#engine/sources/prometheus/queries.ts';

describe('a query', () => {
  it('of gauges asks for the largest of the series that one GPU has', () => {
    expect(gaugesQuery(['A', 'B'], 'instance=~"x"')).toMatch(
      /^max by \(__name__, instance, exported_instance, gpu, .*\) \(\{__name__=~"A\|B",instance=~"x"\}\)$/,
    );
    expect(gaugesQuery(['A'], '')).toContain('{__name__=~"A"}');
  });

  it('says of which counter each part of its answer is', () => {
    expect(vllmRateQuery(['vllm:a_total'], 60)).toBe(
      'label_replace(sum by (instance, exported_instance, model_name) (rate(vllm:a_total[60s])), "of", "vllm:a_total", "", "")',
    );
    expect(vllmLatencyQuery([{ of: 'ttft', name: 'n' }], 60).match(/"ttft 0\.(5|95)"/g)).toHaveLength(2);
  });

  it('of several names joins them', () => {
    expect(sampledQuery(['A', 'B'], 'job="j"')).toBe(
      'max by (instance, exported_instance) (timestamp(A{job="j"})) or ' +
        'max by (instance, exported_instance) (timestamp(B{job="j"}))',
    );
  });
});
