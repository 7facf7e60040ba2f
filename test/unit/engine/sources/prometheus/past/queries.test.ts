import { expect, it } from 'vitest';
import { gpuExporterKinds } from '#engine/sources/prometheus/exporters/registry.ts';
import { gpuQuery, loadQueries } from '#engine/sources/prometheus/past/queries.ts';

const grid = { startS: 0, endS: 86_400, stepS: 240, meanS: 240, rateS: 300 };
const matcher = 'UUID=~"GPU-1"';
const labels = 'gpu, UUID, uuid, GPU_I_ID, gpu_id, gpu_uuid, index';

it('asks for a metric of GPUs by all its names, the newest first, each in its unit', () => {
  const query = gpuQuery({ exporter: 'dcgm', metric: 'utilPct', matcher, utilFactor: 100 }, grid);
  const mean = (name: string) => `max by (${labels}) (avg_over_time(${name}{${matcher}}[240s]))`;
  expect(query).toBe(
    [
      `${mean('DCGM_FI_DEV_GPU_UTIL_RATIO')} * 100`,
      `${mean('DCGM_FI_DEV_GPU_UTIL')} * 100`,
      `${mean('DCGM_FI_PROF_GR_ENGINE_UTIL_RATIO')} * 100`,
      `${mean('DCGM_FI_PROF_GR_ENGINE_ACTIVE')} * 100`,
    ].join(' or '),
  );
  const inPercent = gpuQuery({ exporter: 'dcgm', metric: 'utilPct', matcher, utilFactor: 1 }, grid);
  expect(inPercent).toContain(`${mean('DCGM_FI_DEV_GPU_UTIL')} or `);
});

it.each(gpuExporterKinds)('of %s is about the subject alone, with every name', (exporter) => {
  for (const metric of ['utilPct', 'memUsedMiB'] as const) {
    const query = gpuQuery({ exporter, metric, matcher, utilFactor: 1 }, grid);
    const selectors = query.split(' or ').length;
    expect(query.split(`{${matcher}}[240s]`)).toHaveLength(selectors + 1);
  }
});

it('asks for the load of models by the series that are there', () => {
  const names = new Map([
    ['vllm:num_requests_running', 1],
    ['vllm:kv_cache_usage_perc', 1],
    ['vllm:gpu_cache_usage_perc', 1],
    ['vllm:generation_tokens_total', 1],
    ['vllm:time_to_first_token_seconds_count', 1],
  ]);
  const at = 'instance=~"a:8000"';
  expect(loadQueries(at, { names }, grid)).toEqual([
    {
      metric: 'running',
      query: `sum by (model_name) (avg_over_time(vllm:num_requests_running{${at}}[240s]))`,
    },
    {
      metric: 'kvCachePct',
      query: [
        `avg by (model_name) (avg_over_time(vllm:kv_cache_usage_perc{${at}}[240s])) * 100`,
        `avg by (model_name) (avg_over_time(vllm:gpu_cache_usage_perc{${at}}[240s])) * 100`,
      ].join(' or '),
    },
    {
      metric: 'generationTokensPerSecond',
      query: `sum by (model_name) (rate(vllm:generation_tokens_total{${at}}[300s]))`,
    },
    {
      metric: 'ttftP50Ms',
      query: `histogram_quantile(0.5, sum by (le, model_name) (rate(vllm:time_to_first_token_seconds_bucket{${at}}[300s]))) * 1000`,
    },
  ]);
});
