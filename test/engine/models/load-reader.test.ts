import pLimit from 'p-limit';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EngineKind, ModelServer } from '#common/servers.ts';
import { createLoadReader, type LoadReader } from '#engine/models/load-reader.ts';
import { createLocalTransport, type LocalTransport } from '../../support/local-transport.ts';
import { type Engine, engine, httpServer, type Page, page } from '../../support/model-servers.ts';

interface Reading {
  readonly standIn: Engine;
  readonly log: string[];
  read(): Promise<ReturnType<LoadReader['read']> extends Promise<infer Answers> ? Answers : never>;
}

/** Reads the load of one server that answers these pages. */
async function reading(kind: EngineKind, pages: Readonly<Record<string, Page>>): Promise<Reading> {
  const standIn = engine(pages);
  const port = await httpServer(standIn.handler);
  const transport: LocalTransport = createLocalTransport();
  const log: string[] = [];
  const reader = createLoadReader({
    limit: pLimit(4),
    timeoutMs: () => 60_000,
    apiKeyFor: () => null,
    log: (_level, message) => log.push(message),
  });
  onTestFinished(() => {
    reader.close();
    transport.close();
  });
  const server: ModelServer = {
    id: 'gpu-7:8000',
    hostId: 'gpu-7',
    port,
    address: '127.0.0.1',
    state: { kind: 'up' },
    engine: kind,
    version: '1',
    models: [],
    loads: [],
    process: null,
    seenAt: 0,
  };
  return {
    standIn,
    log,
    read: async () => await reader.read([server], transport, new AbortController().signal),
  };
}

const text = (body: string): Page => ({ body, headers: { 'content-type': 'text/plain; version=0.0.4' } });

/** What vLLM prints for one data parallel engine, as long as it is. */
function engineText(rank: number): string {
  const labels = `engine="${rank}",model_name="org/a-model-with-a-long-name-${'x'.repeat(60)}"`;
  const unused = Array.from(
    { length: 400 },
    (_none, at) => `vllm:unused_${at}_bucket{${labels},le="${at}"} 1\n`,
  );
  return `vllm:num_requests_running{${labels}} 2\nvllm:num_requests_waiting{${labels}} 1\n${unused.join('')}`;
}

test('forty data parallel engines behind one server: 2 MiB of metrics are its load', async () => {
  const page = Array.from({ length: 40 }, (_none, rank) => engineText(rank)).join('');
  expect(page.length).toBeGreaterThan(2_000_000);
  const { read, log } = await reading('vllm', { '/metrics': text(page) });
  expect((await read()).get('gpu-7:8000')?.loads).toMatchObject([{ running: 80, waiting: 40 }]);
  expect(log).toEqual([]);
});

test('a server whose engine has no metrics is not asked for them', async () => {
  const { read, standIn } = await reading('ollama', {});
  expect((await read()).size).toBe(0);
  expect(standIn.asked).toEqual([]);
});

describe('llama.cpp', () => {
  const props = (isSleeping?: boolean) => page({ build_info: 'b9760-abc', is_sleeping: isSleeping });
  const metrics = text('llamacpp:requests_processing 1\n');

  test('that sleeps is left asleep, and read again when it has woken', async () => {
    const { read, standIn } = await reading('llama.cpp', { '/props': props(true), '/metrics': metrics });
    expect((await read()).get('gpu-7:8000')).toEqual({ loads: [], asleep: true, stuck: null });
    expect((await read()).get('gpu-7:8000')?.asleep).toBe(true);
    expect(standIn.asked).toEqual(['/props', '/props']);
    standIn.set({ '/props': props(false) });
    expect((await read()).get('gpu-7:8000')).toMatchObject({ loads: [{ running: 1 }], asleep: false });
    expect(standIn.asked.slice(2)).toEqual(['/props', '/metrics']);
  });

  test('of a build that never sleeps is asked that once', async () => {
    const { read, standIn } = await reading('llama.cpp', { '/props': props(), '/metrics': metrics });
    await read();
    await read();
    expect(standIn.asked).toEqual(['/props', '/metrics', '/metrics']);
  });
});

describe('TensorRT-LLM', () => {
  const iteration = (iter: number, fields: object = {}) => ({
    gpuMemUsage: 76_665_782_272,
    iter,
    iterLatencyMS: 7.006,
    kvCacheStats: { cacheHitRate: 0.25, freeNumBlocks: 75, maxNumBlocks: 100, usedNumBlocks: 25 },
    numActiveRequests: 3,
    numQueuedRequests: 2,
    ...fields,
  });
  const prometheus = text(`trtllm_num_requests_running{model_name="m",engine_type="trtllm"} 4.0
trtllm_num_requests_waiting{model_name="m",engine_type="trtllm"} 1.0
trtllm_kv_cache_utilization{model_name="m",engine_type="trtllm"} 0.5
trtllm_generation_tokens_total{model_name="m",engine_type="trtllm"} 500.0
trtllm_request_success_total{model_name="m",engine_type="trtllm",finished_reason="stop"} 9.0
`);

  test('is read by its Prometheus text, and leaves its queue of iterations to others', async () => {
    const { read, standIn } = await reading('trtllm', { '/prometheus/metrics': prometheus });
    expect((await read()).get('gpu-7:8000')?.loads).toMatchObject([
      {
        model: 'm',
        running: 4,
        waiting: 1,
        kvCachePct: 50,
        generationTokensTotal: 500,
        finished: { stop: 9 },
      },
    ]);
    expect(standIn.asked).toEqual(['/prometheus/metrics']);
  });

  test('without that says in JSON what its latest iteration did', async () => {
    const { read, standIn } = await reading('trtllm', {
      '/metrics': page([iteration(153, { numActiveRequests: 9 }), iteration(154), 'x', { iter: 1 }]),
    });
    const idle = { running: 3, waiting: 2, kvCachePct: 25, prefixHitPct: 25, generationTokensTotal: null };
    expect((await read()).get('gpu-7:8000')?.loads).toMatchObject([idle]);
    // Nothing since then is unknown, and no reason to leave it alone.
    standIn.set({ '/metrics': page([]) });
    expect((await read()).get('gpu-7:8000')).toEqual({ loads: [], asleep: false, stuck: null });
    expect(standIn.asked).toEqual(['/prometheus/metrics', '/metrics', '/metrics']);
  });

  test('with attention data parallelism adds up its ranks, of which the first has the queue', async () => {
    const rank = (attentionDpRank: number, fields: object) => iteration(7, { attentionDpRank, ...fields });
    const { read } = await reading('trtllm', {
      '/metrics': page([
        rank(0, { numActiveRequests: 1, numQueuedRequests: 5 }),
        rank(1, { numActiveRequests: 4, numQueuedRequests: null }),
        rank(2, {
          numActiveRequests: 0,
          numQueuedRequests: undefined,
          kvCacheStats: { usedNumBlocks: 85, maxNumBlocks: 100 },
        }),
      ]),
    });
    expect((await read()).get('gpu-7:8000')?.loads).toMatchObject([
      { running: 5, waiting: 5, kvCachePct: 45 },
    ]);
  });

  test('of a release whose text says nothing of what runs is asked for both', async () => {
    const some = text('trtllm_generation_tokens_total{model_name="undefined"} 500\n');
    const { read } = await reading('trtllm', {
      '/prometheus/metrics': some,
      '/metrics': page([iteration(1)]),
    });
    expect((await read()).get('gpu-7:8000')?.loads).toMatchObject([
      { running: 3, generationTokensTotal: 500 },
    ]);
  });

  test('more than 1 MiB of iterations are its load', async () => {
    const many = Array.from({ length: 2000 }, (_none, iter) => iteration(iter, { filling: 'x'.repeat(600) }));
    const { read } = await reading('trtllm', { '/metrics': page(many) });
    expect((await read()).get('gpu-7:8000')?.loads).toMatchObject([{ running: 3 }]);
  });
});

describe('NVIDIA NIM', () => {
  const labels = '{model_name="meta/llama-3.1-8b-instruct"}';
  const bodies = {
    'as vLLM names it': `vllm:num_requests_running${labels} 2\nvllm:generation_tokens_total${labels} 7\n`,
    'without a prefix': `num_requests_running${labels} 2\ngeneration_tokens_total${labels} 7\nnum_request_max${labels} 256\n`,
  };

  test.each(Object.entries(bodies))('has its metrics under /v1: %s', async (_, body) => {
    const { read, standIn } = await reading('nim', { '/v1/metrics': text(body) });
    expect((await read()).get('gpu-7:8000')?.loads).toMatchObject([
      { model: 'meta/llama-3.1-8b-instruct', running: 2, generationTokensTotal: 7 },
    ]);
    expect(standIn.asked).toEqual(['/v1/metrics']);
  });

  test('of an early release has them where others do, and is asked for the other path once', async () => {
    const { read, standIn } = await reading('nim', { '/metrics': text(bodies['without a prefix']) });
    await read();
    expect((await read()).get('gpu-7:8000')?.loads).toMatchObject([{ running: 2 }]);
    expect(standIn.asked).toEqual(['/v1/metrics', '/metrics', '/metrics']);
  });
});

test('why there is no load stands in the log, once until it is asked again', async () => {
  const page = `vllm:num_requests_running{model_name="m"} ${'1'.repeat(100)}\n`.repeat(160_000);
  const { read, log } = await reading('vllm', { '/metrics': text(page) });
  expect((await read()).size).toBe(0);
  expect((await read()).size).toBe(0);
  expect(log).toEqual([
    'gpu-7:8000: no metrics: server-not-openai: metrics that are used of more than 16 MiB',
  ]);
});
