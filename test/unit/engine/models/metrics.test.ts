import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ModelMetrics, readMetrics } from '#engine/models/metrics.ts';
import { parsePrometheus } from '#engine/models/prometheus.ts';
import { describeFixtures } from '../../../support/fixtures.ts';
import { bytesInUse } from '../../../support/memory.ts';

const text = `# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="org/m"} 3.0
vllm:num_requests_running{engine="1",model_name="org/m"} 4.0
vllm:num_requests_waiting{engine="0",model_name="org/m"} 2.0
vllm:kv_cache_usage_perc{engine="0",model_name="org/m"} 0.5
vllm:kv_cache_usage_perc{engine="1",model_name="org/m"} 0.7
vllm:gpu_cache_usage_perc{engine="0",model_name="org/m"} 0.1
vllm:prompt_tokens_total{engine="0",model_name="org/m"} 1e3
vllm:prompt_tokens_created{engine="0",model_name="org/m"} 1.7e9
vllm:num_preemptions_total{engine="0",model_name="org/m"} NaN
vllm:request_success_total{engine="0",finished_reason="stop",model_name="org/m"} 5
vllm:request_success_total{engine="1",finished_reason="stop",model_name="org/m"} 6
vllm:time_to_first_token_seconds_bucket{engine="0",le="0.1",model_name="org/m"} 1
vllm:time_to_first_token_seconds_bucket{engine="0",le="+Inf",model_name="org/m"} 2
vllm:time_to_first_token_seconds_bucket{engine="1",le="0.1",model_name="org/m"} 3
vllm:time_to_first_token_seconds_bucket{engine="1",le="+Inf",model_name="org/m"} 4
vllm:num_requests_running{model_name="lora \\"x\\", {y}"} 1
process_start_time_seconds 1.7e9
`;

const first = (body: string): ModelMetrics | undefined => [...(readMetrics(body)?.models.values() ?? [])][0];

describe('metrics of a server', () => {
  test('are summed over its engines, and by model', () => {
    const metrics = readMetrics(text);
    expect(metrics?.startedAtS).toBe(1.7e9);
    expect([...(metrics?.models.keys() ?? [])]).toEqual(['org/m', 'lora "x", {y}']);
    expect(metrics?.models.get('org/m')).toMatchObject({
      running: 7,
      waiting: 2,
      kvCacheRatio: 0.6,
      promptTokens: 1000,
      generationTokens: null,
      preemptions: null,
      finished: { stop: 11 },
      ttft: { bounds: [0.1, Infinity], counts: [4, 6] },
      endToEnd: null,
    });
  });

  test('of one rank of an engine are taken once', () => {
    const rank = (tp: number) => `sglang:num_running_reqs{model_name="m",tp_rank="${tp}"} 5\n`;
    expect(first(rank(0) + rank(1))?.running).toBe(5);
  });

  test('tell whether a server sleeps', () => {
    const state = (name: string, value: number) =>
      `vllm:engine_sleep_state{model_name="m",sleep_state="${name}"} ${value}\n`;
    const running = 'vllm:num_requests_running{model_name="m"} 0\n';
    expect(readMetrics(running + state('awake', 1) + state('discard_all', 0))?.asleep).toBe(false);
    expect(readMetrics(running + state('awake', 0) + state('discard_all', 1))?.asleep).toBe(true);
  });

  test.each([
    ['<!doctype html><p>vllm:num_requests_running 1', ''],
    ['{"object":"error"}', ''],
    ['vllm:num_requests_running 1', 'text/html'],
    ['node_load1 0.5\n', 'text/plain'],
    ['', ''],
  ])('%j (%s) are none', (body, contentType) => {
    expect(readMetrics(body, contentType)).toBeNull();
  });

  test('do not keep the page that they were read from in memory', () => {
    const before = bytesInUse();
    const kept = Array.from({ length: 100 }, (_, n) => {
      const page = `vllm:num_requests_running{model_name="org/a-long-name-${n}"} ${n}\n`;
      return readMetrics(Buffer.from(page + '# more\n'.repeat(15_000)).toString());
    });
    // The pages are 10 MB; what the program itself takes for reading them differs between releases of Node.
    expect(bytesInUse() - before).toBeLessThan(3_000_000);
    expect(kept[7]?.models.get('org/a-long-name-7')?.running).toBe(7);
  });

  test.each([
    ['{"vllm:num_requests_running",engine="0",model_name="org/m"} 3', 'org/m'],
    ['{ "vllm:num_requests_running" , model_name = "org/m" , } 3 1700000000000', 'org/m'],
    ['{"vllm:num_requests_running","model_name"="org/m","my.label"="a, b}"} 3', 'org/m'],
    ['vllm:num_requests_running{"model_name"="org/m","my \\"label\\""="x"} 3', 'org/m'],
    ['{"vllm:num_requests_running"} 3', null],
    ['vllm:num_requests_running{model_name="None"} 3', null],
  ])('with quoted names, or of a model without a name: %s', (body, model) => {
    const metrics = readMetrics(body);
    expect([...(metrics?.models.keys() ?? [])]).toEqual([model]);
    expect(first(body)?.running).toBe(3);
  });

  test('broken lines cost only themselves', () => {
    const broken = [
      'vllm:num_requests_running{model_name="m} 9',
      'vllm:num_requests_running{model_name=m} 9',
      'vllm:num_requests_running{ model_name = "m" , } 3 1700000000000 # {trace="x"} 1',
      'vllm:num_requests_waiting',
      'vllm:num_requests_waiting{model_name="m"}',
      'vllm:num_requests_waiting{model_name="m"} 0x10',
      '{model_name="m"} 4',
      '{"vllm:num_requests_waiting"="m"} 4',
      '{"vllm:num_requests_waiting" model_name="m"} 4',
      '{"vllm:num_requests_waiting} 4',
      'vllm:num_requests_waiting{model_name="m"} +5',
    ];
    expect(first(broken.join('\r\n'))).toMatchObject({ running: 3, waiting: 5 });
  });
});

test('a line says the same with blanks between its words as without', () => {
  const word = fc.stringMatching(/^[\w:.]{1,8}$/);
  const value = fc.stringMatching(/^(?:[^"\\\n\r]|\\["\\n]){0,8}$/);
  fc.assert(
    fc.property(
      fc.dictionary(word, value, { maxKeys: 5 }),
      fc.constantFrom('7', '-1.5e3', '.5', 'NaN'),
      (labels, number) => {
        const entries = Object.entries(labels);
        const plain = `m{${entries.map(([name, text]) => `${name}="${text}"`).join(',')}} ${number}`;
        const wide = `m { ${entries.map(([name, text]) => `"${name}" = "${text}"`).join(' , ')} }\t${number} 1700000000`;
        expect(parsePrometheus(plain)).toEqual(parsePrometheus(wide));
        expect(parsePrometheus(plain)).toHaveLength(1);
      },
    ),
  );
});

describe('hostile text', () => {
  test('cut at every byte, and anything at all', () => {
    for (let length = 0; length <= text.length; length += 1) readMetrics(text.slice(0, length));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (any) => {
        readMetrics(any);
        readMetrics(`vllm:num_requests_running{${any}} 1`);
      }),
    );
  });

  test('lines are of the metric that they name, whatever the line before', () => {
    const lines = [
      'a{l="1"} 1',
      'ab{l="1"} 2',
      'a 3',
      'a{l="2"} 4',
      '# a{',
      'b{l="1"} 5',
      ' a{l="3"} 6',
      'a{l="4"} 7',
    ];
    const named = (wanted: string) =>
      parsePrometheus(lines.join('\n'), (name) => name === wanted).map(({ value }) => value);
    expect([named('a'), named('ab'), named('b')]).toEqual([[1, 3, 4, 6, 7], [2], [5]]);
  });

  test('10 MB in one line, and in many', () => {
    for (const filling of ['x', '{', '\\"', 'a="b",', 'x 1\n', 'vllm:num_requests_running{model_name="\n'])
      readMetrics(`vllm:num_requests_running{a="${filling.repeat(10_000_000 / filling.length)}`);
    expect(parsePrometheus('x 1\n'.repeat(100_000))).toHaveLength(50_000);
  });
});

interface Expected extends Partial<ModelMetrics> {
  readonly model: string | null;
}

const expected: Readonly<Record<string, readonly Expected[]>> = {
  'prehistoric_aioprometheus_0.2.prom': [],
  'synthetic_no-labels_llmprobe.prom': [
    { model: null, running: 3, waiting: 1, generationTokens: 12_345, finished: { unknown: 42 } },
  ],
  'v0+v1_datadog_opt-125m_excerpt.prom': [
    {
      model: 'facebook/opt-125m',
      running: 0,
      waiting: 0,
      kvCacheRatio: 0,
      promptTokens: 5,
      generationTokens: 7,
      finished: { length: 1 },
    },
  ],
  'v0_llama-2-13b_path-model-name.prom': [
    {
      model: '/gpfs/scratch/bsc98/bsc098069/llm_benchmarking/models/llama/llama-2-13b',
      running: 0,
      kvCacheRatio: 0,
      cacheHitRatio: null,
      generationRate: 0,
    },
  ],
  'v0_lora_info.prom': [],
  'v0_tgis_bloom-560m_excerpt.prom': [
    { model: 'bigscience/bloom-560m', running: null, promptTokens: 1196, generationTokens: 218_152 },
  ],
  'v0_two-model-names_lora-and-base.prom': [
    { model: 'sql-lora', running: null, endToEnd: { bounds: [60, Infinity], counts: [1, 1] } },
    { model: 'meta-llama/Llama-2-7b-hf', endToEnd: null },
  ],
  'v1_0.8_production-stack.prom': [
    { model: 'Qwen/Qwen2.5-Coder-32B-Instruct', running: 0, waiting: 0, kvCacheRatio: 0, promptTokens: null },
  ],
  'v1_dp2.prom': [{ model: 'deepseek-v4-flash-w8a8-mtp', running: 0, waiting: null }],
  'v1_dp_histogram_engine-label.prom': [],
  'llamacpp_2025-06_excerpt.prom': [{ model: null, running: null, promptTokens: 143, generationTokens: 673 }],
  'sglang_llama-3.1-8b_2025.prom': [
    {
      model: 'meta-llama/Llama-3.1-8B-Instruct',
      running: 162,
      waiting: 2826,
      kvCacheRatio: 0.28,
      promptTokens: 8_128_902,
      generationTokens: 7_557_572,
      generationRate: 86.50814177726902,
    },
  ],
  'tgis_python-dict-in-label.prom': [{ model: null, running: 0, waiting: 0 }],
  'triton_histogram.prom': [],
};

for (const folder of ['vllm', 'llm-metrics'])
  describeFixtures(folder, (files) => {
    test('every file, as a table', () => {
      const read = files.map(({ name, text: body }) => ({
        name,
        models: [...(readMetrics(body)?.models ?? [])],
      }));
      console.table(
        read.flatMap(({ name, models }) =>
          (models.length === 0 ? [['(none)', null] as const] : models).map(([model, metrics]) => ({
            file: name,
            model: model ?? '(unnamed)',
            running: metrics?.running,
            waiting: metrics?.waiting,
            kv: metrics?.kvCacheRatio,
            prompt: metrics?.promptTokens,
            generated: metrics?.generationTokens,
          })),
        ),
      );
      for (const { name, models } of read) {
        const wanted = expected[name];
        if (wanted === undefined) continue;
        expect(
          models.map(([model]) => model),
          name,
        ).toEqual(wanted.map(({ model }) => model));
        models.forEach(([, metrics], at) => {
          const { model: _model, ...fields } = wanted[at] ?? { model: null };
          expect(metrics, name).toMatchObject(fields);
        });
      }
      expect(read.some(({ name }) => name in expected)).toBe(true);
    });
  });
