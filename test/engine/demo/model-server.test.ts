import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { demoHosts } from '../../../main/demo/catalogue.ts';
import { startModelServer, startNotebook, type WebServer } from '../../../main/demo/model-server.ts';
import { createRandom } from '../../../main/demo/random.ts';
import { createServerLoad, type ServerLoad } from '../../../main/demo/server-load.ts';
import type { DemoEngine, ModelServerSpec } from '../../../main/demo/specs.ts';
import { eventsOf } from './demo-client.ts';

const spec = demoHosts
  .flatMap(({ services }) => services)
  .find((service): service is ModelServerSpec => service.kind === 'vllm' && service.adapters.length > 0);
if (spec === undefined) throw new Error('no model server with an adapter');

let load: ServerLoad;
let server: WebServer;
beforeAll(async () => {
  load = createServerLoad(spec, createRandom(1));
  server = await startModelServer(load, { hostAlias: 'l40s-dev', seed: 1 });
});
afterAll(() => server.close());

const url = (path: string) => `http://127.0.0.1:${server.port}${path}`;
const post = (path: string, body: string | object, signal?: AbortSignal) =>
  fetch(url(path), {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal && { signal }),
  });
const messages = [{ role: 'user', content: 'What does the prefix cache do?' }];

interface Chunk {
  readonly object: string;
  readonly model: string;
  readonly choices: readonly {
    readonly delta: { readonly role?: string; readonly content?: string };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: object;
}
const chunksOf = (text: string) =>
  eventsOf(text)
    .filter((event) => event !== '[DONE]')
    .map((event) => JSON.parse(event) as Chunk);

describe('the small pages', () => {
  test('list the model and its adapter as vLLM does', async () => {
    const list = await (await fetch(url('/v1/models'))).json();
    expect(list).toMatchObject({
      object: 'list',
      data: [
        {
          id: 'Qwen/Qwen2.5-Coder-32B-Instruct',
          object: 'model',
          owned_by: 'vllm',
          root: 'Qwen/Qwen2.5-Coder-32B-Instruct',
          parent: null,
          max_model_len: 32_768,
          permission: [{ object: 'model_permission', organization: '*', is_blocking: false }],
        },
        { id: 'sql-assistant', parent: 'Qwen/Qwen2.5-Coder-32B-Instruct', max_model_len: null },
      ],
    });
  });

  test.each([
    ['/health', 200, ''],
    ['/ping', 200, ''],
    ['/version', 200, '{"version":"0.11.0"}'],
    ['/nothing', 404, '{"detail":"Not Found"}'],
    ['/v1/chat/completions', 405, '{"detail":"Method Not Allowed"}'],
  ])('GET %s answers %i', async (path, status, body) => {
    const response = await fetch(url(path));
    expect([response.status, await response.text()]).toEqual([status, body]);
  });

  test('show docs as HTML, and a notebook nothing but HTML', async () => {
    const notebook = await startNotebook();
    const pages = [url('/docs'), `http://127.0.0.1:${notebook.port}/v1/models`];
    for (const page of pages) {
      const response = await fetch(page);
      expect(response.headers.get('content-type')).toMatch(/^text\/html/);
      expect(await response.text()).toMatch(/^<!DOCTYPE html>/);
    }
    await notebook.close();
  });
});

describe('/metrics', () => {
  const metrics = async () => {
    const response = await fetch(url('/metrics'));
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.replace(/^.* /, ''))]));
  };
  const key = (name: string, more = '') =>
    `vllm:${name}{engine="0",${more}model_name="Qwen/Qwen2.5-Coder-32B-Instruct"}`;

  test('has the names of the V1 engine, and counters that follow the load', async () => {
    const before = await metrics();
    for (const name of ['num_requests_running', 'num_requests_waiting', 'kv_cache_usage_perc'])
      expect(before.get(key(name))).toBeGreaterThanOrEqual(0);
    load.advance(30);
    const after = await metrics();
    expect(after.get(key('generation_tokens_total'))).toBeGreaterThan(
      before.get(key('generation_tokens_total')) ?? Number.NaN,
    );
  });

  test('has histograms whose buckets only grow, up to the count', async () => {
    const all = [...(await metrics())];
    const buckets = all.filter(([name]) => name.startsWith('vllm:time_to_first_token_seconds_bucket'));
    const values = buckets.map(([, value]) => value);
    expect(values).toHaveLength(23);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(buckets.at(-1)?.[0]).toBe(key('time_to_first_token_seconds_bucket', 'le="+Inf",'));
    expect(new Map(all).get(key('time_to_first_token_seconds_count'))).toBe(values.at(-1));
  });
});

describe('chat completions', () => {
  test('stream a role, the words, the reason, the usage and [DONE]', async () => {
    const before = load.figures().generationTokens;
    const response = await post('/v1/chat/completions', {
      model: spec.model,
      messages,
      stream: true,
      max_tokens: 12,
      stream_options: { include_usage: true },
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const text = await response.text();
    expect(eventsOf(text).at(-1)).toBe('[DONE]');
    const chunks = chunksOf(text);
    expect(chunks).toHaveLength(14);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '' });
    const words = chunks.slice(1, 13).map((chunk) => chunk.choices[0]?.delta.content ?? '');
    expect(words.join('')).toMatch(/^This is the demo cluster: /);
    expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason ?? null).filter(Boolean)).toEqual([
      'length',
    ]);
    expect(chunks[13]).toMatchObject({ choices: [], usage: { completion_tokens: 12 } });
    expect(load.figures().generationTokens).toBe(before + 12);
  });

  test('answer whole without stream, also for the adapter', async () => {
    const response = await post('/v1/chat/completions', { model: 'sql-assistant', messages, max_tokens: 3 });
    expect(await response.json()).toMatchObject({
      object: 'chat.completion',
      model: 'sql-assistant',
      choices: [{ message: { role: 'assistant' }, finish_reason: 'length' }],
      usage: { completion_tokens: 3 },
    });
    const text = await post('/v1/completions', { prompt: 'Once', max_tokens: 2 });
    expect(await text.json()).toMatchObject({ object: 'text_completion', choices: [{ text: 'This is' }] });
  });

  test('end when the client leaves', async () => {
    const before = load.figures();
    const outgoing = request(url('/v1/chat/completions'), { method: 'POST' });
    outgoing.end(JSON.stringify({ messages, stream: true }));
    const [response] = await once(outgoing, 'response');
    await once(response, 'data');
    expect(load.figures().running).toBe(before.running + 1);
    outgoing.on('error', () => undefined).destroy();
    await vi.waitFor(() => expect(load.figures().finished.abort).toBe(before.finished.abort + 1));
    expect(load.figures().running).toBe(before.running);
  });

  test.each([
    ['broken JSON', '{"model":', 400, 'Bad Request', null],
    ['a body that is no object', '[]', 400, 'Bad Request', null],
    ['no messages', { model: spec.model }, 400, 'Bad Request', null],
    ['messages without roles', { messages: ['hello'] }, 400, 'Bad Request', null],
    ['a stream that is no boolean', { messages, stream: 'yes' }, 400, 'Bad Request', null],
    ['no tokens', { messages, max_tokens: 0 }, 400, 'BadRequestError', 'max_tokens'],
    ['an unknown model', { messages, model: 'gpt-x' }, 404, 'NotFoundError', 'model'],
    ['a body beyond all bounds', 'x'.repeat(5_000_000), 413, 'Request Entity Too Large', null],
  ])('refuse %s in the shape of vLLM', async (_name, body, status, type, param) => {
    const response = await post('/v1/chat/completions', body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({
      error: { message: expect.any(String), type, param, code: status },
    });
  });
});

test('a locked server answers 401 under /v1 and nowhere else, until it is shown its key', async () => {
  const locked = await startModelServer(createServerLoad({ ...spec, apiKey: 'demo' }, createRandom(2)), {
    hostAlias: 'gh200',
    seed: 1,
  });
  const models = await fetch(`http://127.0.0.1:${locked.port}/v1/models`);
  expect([models.status, await models.text()]).toEqual([401, '{"error":"Unauthorized"}']);
  const chat = await fetch(`http://127.0.0.1:${locked.port}/v1/chat/completions`, {
    method: 'POST',
    body: '{}',
  });
  expect([chat.status, await chat.text()]).toEqual([401, '{"error":"Unauthorized"}']);
  expect((await fetch(`http://127.0.0.1:${locked.port}/version`)).status).toBe(200);
  const withKey = (key: string) =>
    fetch(`http://127.0.0.1:${locked.port}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
  expect((await withKey('other')).status).toBe(401);
  expect((await withKey('demo')).status).toBe(200);
  await locked.close();
});

describe('a server of another engine', () => {
  const of = async (kind: DemoEngine, change: Partial<ModelServerSpec> = {}) => {
    const one = createServerLoad({ ...spec, kind, adapters: [], ...change }, createRandom(3));
    const started = await startModelServer(one, { hostAlias: 'l40s-dev', seed: 1 });
    onTestFinished(() => started.close());
    return { load: one, ask: (path: string) => fetch(`http://127.0.0.1:${started.port}${path}`) };
  };

  test.each([
    ['sglang', 'sglang', '/get_server_info', 'uvicorn', /^sglang:num_running_reqs\{model_name=/m],
    ['llama.cpp', 'llamacpp', '/props', 'llama.cpp', /^llamacpp:requests_processing \d/m],
  ] as const)('answers as %s does', async (kind, owner, facts, header, metrics) => {
    const { ask } = await of(kind);
    const list = await ask('/v1/models');
    expect(list.headers.get('server')).toBe(header);
    expect(await list.json()).toMatchObject({ object: 'list', data: [{ id: spec.model, owned_by: owner }] });
    expect((await ask(facts)).status).toBe(200);
    expect(await (await ask('/metrics')).text()).toMatch(metrics);
  });

  test('answers as Ollama does, which has no metrics', async () => {
    const { ask } = await of('ollama');
    expect(await (await ask('/v1/models')).json()).toMatchObject({ data: [{ owned_by: 'library' }] });
    expect(await (await ask('/api/ps')).json()).toMatchObject({ models: [{ context_length: 32_768 }] });
    expect((await ask('/metrics')).status).toBe(404);
  });

  test('loads, serves and is down in turn, and takes requests only while it serves', async () => {
    const life = { kind: 'restarts', loadingSeconds: 40, servingSeconds: 60, downSeconds: 20 } as const;
    const { load: restarting, ask } = await of('vllm', { life });
    const health = async () => (await ask('/health')).status;
    const chat = async () => (await ask('/v1/models')).status;
    expect([await health(), await chat(), restarting.figures().running]).toEqual([503, 200, 0]);
    restarting.advance(50);
    expect([await health(), restarting.phase()]).toEqual([200, 'serving']);
    restarting.advance(55);
    await expect(health()).rejects.toThrow();
    expect(restarting.busy()).toBe(0);
    restarting.advance(20);
    expect(restarting.phase()).toBe('loading');
  });

  test('says that it sleeps', async () => {
    const { ask } = await of('vllm', { life: { kind: 'sleeps' } });
    expect(await (await ask('/is_sleeping')).json()).toEqual({ is_sleeping: true });
    expect((await ask('/health')).status).toBe(200);
  });
});
