import { describe, expect, test } from 'vitest';
import type { ModelServer } from '#common/model.ts';
import { type Asked, discover, listens } from './discovery.ts';
import { always, type Engine, engine, httpServer, list, type Page, page, tcpServer } from './servers.ts';

interface Round extends Partial<Asked> {
  readonly known?: readonly ModelServer[];
  readonly process?: string;
}

/** Looks at one server, as an expected one where it has the name of a process. */
async function look(port: number, { process, ...options }: Round = {}): Promise<ModelServer | undefined> {
  const owner = process === undefined ? {} : { process, pid: 77 };
  const [server] = await discover({ listening: [listens(port, owner)], ...options }).result;
  return server;
}

/** Starts it, looks at it, and again with what was found: that, and what was asked each time. */
async function twice(standIn: Engine, options: Round = {}) {
  const port = await httpServer(standIn.handler);
  const first = await look(port, options);
  const askedFirst = standIn.asked.splice(0);
  const second = await look(port, { ...options, known: first === undefined ? [] : [first] });
  return { port, first, askedFirst, second, askedAgain: standIn.asked.splice(0) };
}

const status = (code: number, body: unknown = '', headers = {}): Page => ({ status: code, body, headers });
const model = (id: string, maxModelLen: number | null = null, parent: string | null = null) => ({
  id,
  maxModelLen,
  parent,
});

describe('vLLM', () => {
  const base = { id: 'org/llama', owned_by: 'vllm', root: 'org/llama', parent: null, max_model_len: 32_768 };
  const lora = {
    id: 'sql',
    owned_by: 'vllm',
    root: '/adapters/sql',
    parent: 'org/llama',
    max_model_len: null,
  };
  const pages = {
    '/v1/models': list(base, lora),
    '/version': page({ version: '0.9.1' }),
    '/health': page(''),
  };

  test('is asked for everything once, and then for its list', async () => {
    const { first, second, askedFirst, askedAgain } = await twice(engine(pages));
    expect(first).toMatchObject({
      state: { kind: 'up' },
      engine: 'vllm',
      version: '0.9.1',
      models: [model('org/llama', 32_768), model('sql', null, 'org/llama')],
      loads: [],
    });
    expect(askedFirst).toEqual(['/v1/models', '/version', '/health', '/is_sleeping']);
    expect(second).toEqual(first);
    expect(askedAgain).toEqual(['/v1/models']);
  });

  test('with another list is another server', async () => {
    const standIn = engine(pages);
    const { port, first } = await twice(standIn);
    standIn.set({ '/v1/models': list({ ...base, id: 'other' }), '/version': page({ version: '0.10.0' }) });
    expect(await look(port, { known: first ? [first] : [] })).toMatchObject({
      version: '0.10.0',
      models: [model('other', 32_768)],
    });
  });

  test('found at another address before, or without a version, is asked again', async () => {
    const standIn = engine(pages);
    const { port, first } = await twice(standIn);
    const known = first ?? expect.fail('there is no server');
    for (const before of [
      { ...known, address: '::1' },
      { ...known, version: null },
    ]) {
      standIn.asked.length = 0;
      await look(port, { known: [before] });
      expect(standIn.asked).toHaveLength(4);
    }
  });

  test('starts, sleeps and wakes', async () => {
    const standIn = engine({ ...pages, '/health': status(503) });
    const port = await httpServer(standIn.handler);
    let known = await look(port);
    const next = async (): Promise<string | undefined> => {
      known = await look(port, { known: known ? [known] : [] });
      return known?.state.kind;
    };
    expect(known).toMatchObject({ state: { kind: 'starting' }, engine: 'vllm', version: '0.9.1' });
    standIn.set({ '/health': page(''), '/is_sleeping': page({ is_sleeping: true }) });
    expect(await next()).toBe('sleeping');
    expect(known).toMatchObject({ engine: 'vllm', models: [{ id: 'org/llama' }, { id: 'sql' }] });
    standIn.asked.length = 0;
    expect(await next()).toBe('sleeping');
    expect(standIn.asked).toEqual(['/v1/models', '/is_sleeping']);
    standIn.set({ '/is_sleeping': page({ is_sleeping: false }) });
    expect(await next()).toBe('up');
  });

  test('behind a key keeps its name and version, and opens with the key alone', async () => {
    const standIn = engine({ '/version': page({ version: '0.9.1' }) });
    const port = await httpServer((request, response) => {
      const open = request.headers.authorization === 'Bearer sk-right';
      if (open) return engine(pages).handler(request, response);
      if (request.url === '/version') return standIn.handler(request, response);
      return always(401, '{"error":"Unauthorized"}', 'application/json')(request, response);
    });
    const locked = { state: { kind: 'locked' }, engine: 'vllm', version: '0.9.1', models: [] };
    expect(await look(port)).toMatchObject(locked);
    expect(await look(port, { apiKeyFor: () => 'sk-wrong' })).toMatchObject(locked);
    const apiKeyFor = (id: string): string | null => (id === `gpu-7:${port}` ? 'sk-right' : null);
    expect(await look(port, { apiKeyFor })).toMatchObject({ state: { kind: 'up' }, models: [{}, {}] });
  });

  test('that falls silent where nobody expects a server is a row until something else is there', async () => {
    const { first } = await twice(engine(pages));
    const known = first ?? expect.fail('there is no server');
    const silent = await tcpServer(() => undefined);
    const html = await httpServer(always(200, '<html>'));
    const at = (port: number) => look(port, { known: [{ ...known, id: `gpu-7:${port}` }], timeoutMs: 200 });
    const failed = await at(silent);
    expect(failed).toMatchObject({
      state: { kind: 'failed', failure: { code: 'server-timeout' } },
      engine: 'vllm',
      version: '0.9.1',
    });
    expect(await at(html)).toBeUndefined();
    expect(await look(silent, { timeoutMs: 200 })).toBeUndefined();
  });
});

describe('SGLang', () => {
  const card = { id: 'org/qwen', owned_by: 'sglang', root: 'org/qwen' };
  const info = { context_length: 40_960, version: '0.5.3', api_key: 'secret' };

  test('tells its version and, where its list does not, its context length', async () => {
    const { first, second, askedFirst, askedAgain } = await twice(
      engine({ '/v1/models': list(card), '/get_server_info': page(info), '/health': page('') }),
    );
    expect(first).toMatchObject({
      state: { kind: 'up' },
      engine: 'sglang',
      version: '0.5.3',
      models: [model('org/qwen', 40_960)],
    });
    expect(askedFirst).toEqual(['/v1/models', '/get_server_info', '/health']);
    expect(second).toEqual(first);
    expect(askedAgain).toEqual(['/v1/models']);
  });

  test('with adapters, and the newer path', async () => {
    const adapter = { id: 'sql', owned_by: 'sglang', root: '/lora/sql', parent: 'org/qwen' };
    const { first } = await twice(
      engine({ '/v1/models': list({ ...card, max_model_len: 8192 }, adapter), '/server_info': page(info) }),
    );
    expect(first).toMatchObject({
      version: '0.5.3',
      models: [model('org/qwen', 8192), model('sql', null, 'org/qwen')],
    });
  });

  test('starts while it warms up', async () => {
    const { first, second } = await twice(
      engine({ '/v1/models': list(card), '/get_server_info': page(info), '/health': status(503) }),
    );
    expect(first).toMatchObject({ state: { kind: 'starting' }, engine: 'sglang' });
    expect(second).toEqual(first);
  });

  test('starts when all it says is 503', async () => {
    const port = await httpServer(always(503, ''));
    expect(await look(port, { process: 'sglang::server' })).toMatchObject({
      state: { kind: 'starting' },
      engine: 'sglang',
    });
    expect(await look(port)).toBeUndefined();
  });
});

describe('text-generation-inference', () => {
  const info = { model_id: 'org/falcon', max_total_tokens: 4096, version: '2.4.0' };
  const empty = { status: 404, body: '' };

  test('tells version and context length', async () => {
    const card = { id: 'org/falcon', owned_by: 'org/falcon' };
    const { first, second, askedFirst, askedAgain } = await twice(
      engine({ '/v1/models': list(card), '/info': page(info), '/health': page('') }, empty),
    );
    expect(first).toMatchObject({
      state: { kind: 'up' },
      engine: 'tgi',
      version: '2.4.0',
      models: [model('org/falcon', 4096)],
    });
    expect(askedFirst).toEqual(['/v1/models', '/info', '/health']);
    expect(second).toEqual(first);
    expect(askedAgain).toEqual(['/v1/models']);
  });

  test('without a list, as older ones are', async () => {
    const { first, second, askedAgain } = await twice(engine({ '/info': page(info) }, empty));
    expect(first).toMatchObject({ engine: 'tgi', version: '2.4.0', models: [model('org/falcon', 4096)] });
    expect(second).toEqual(first);
    expect(askedAgain).toEqual(['/v1/models', '/info']);
  });

  test('with a model that has stopped working', async () => {
    const card = { id: 'org/falcon', owned_by: 'org/falcon' };
    const unhealthy = status(503, { error: 'unhealthy', error_type: 'healthcheck' });
    const { first } = await twice(
      engine({ '/v1/models': list(card), '/info': page(info), '/health': unhealthy }),
    );
    expect(first).toMatchObject({
      state: {
        kind: 'failed',
        failure: { code: 'server-error', detail: expect.stringContaining('unhealthy') },
      },
      engine: 'tgi',
    });
  });

  test('its sister for embeddings is named as what it is', async () => {
    const { first } = await twice(
      engine({ '/info': page({ model_id: 'BAAI/bge', max_input_length: 512, version: '1.6.0' }) }, empty),
    );
    expect(first).toMatchObject({ engine: 'openai', models: [model('BAAI/bge', 512)] });
  });
});

describe('llama.cpp', () => {
  const card = { id: 'gemma', owned_by: 'llamacpp', meta: { n_ctx_train: 131_072 } };
  const props = { default_generation_settings: { n_ctx: 8192 }, build_info: 'b4567-abc' };
  const headers = { server: 'llama.cpp' };
  const loading = status(503, { error: { code: 503, message: 'Loading model' } }, headers);

  test('has the context length that it was started with', async () => {
    const { first, second, askedFirst, askedAgain } = await twice(
      engine({ '/v1/models': list(card), '/props': page(props) }),
    );
    expect(first).toMatchObject({
      state: { kind: 'up' },
      engine: 'llama.cpp',
      version: 'b4567-abc',
      models: [model('gemma', 8192)],
    });
    expect(askedFirst).toEqual(['/v1/models', '/props']);
    expect(second).toEqual(first);
    expect(askedAgain).toEqual(['/v1/models']);
  });

  test('starts, whether or not it gives its list meanwhile', async () => {
    const standIn = engine({ '/v1/models': loading, '/props': loading }, loading);
    const port = await httpServer(standIn.handler);
    const first = await look(port);
    expect(first).toMatchObject({ state: { kind: 'starting' }, engine: 'llama.cpp', models: [] });
    standIn.set({ '/v1/models': list({ ...card, meta: null }) });
    const second = await look(port, { known: first ? [first] : [] });
    expect(second).toMatchObject({ state: { kind: 'starting' }, models: [model('gemma')] });
    standIn.set({ '/v1/models': list(card), '/props': page(props) });
    expect(await look(port, { known: second ? [second] : [] })).toMatchObject({
      state: { kind: 'up' },
      version: 'b4567-abc',
      models: [model('gemma', 8192)],
    });
  });

  test('behind a key shows its list to everybody, and is locked all the same', async () => {
    const refused = status(401, { error: { message: 'Invalid API Key', code: 401 } }, headers);
    const { first } = await twice(engine({ '/v1/models': list(card), '/props': refused }));
    expect(first).toMatchObject({
      state: { kind: 'locked' },
      engine: 'llama.cpp',
      models: [{ id: 'gemma' }],
    });
    const older = await twice(engine({}, refused));
    expect(older.first).toMatchObject({ state: { kind: 'locked' }, engine: 'llama.cpp', models: [] });
  });

  const routed = list(
    { id: 'a', owned_by: 'llamacpp', status: { value: 'unloaded' } },
    { id: 'b', owned_by: 'llamacpp', status: { value: 'loaded' } },
    { id: 'c', owned_by: 'llamacpp', status: { value: 'loading' } },
  );

  test('as a router lists what is loaded first', async () => {
    const { first, askedAgain } = await twice(
      engine({ '/v1/models': routed, '/props': page({ ...props, role: 'router' }) }),
    );
    expect(first).toMatchObject({
      state: { kind: 'up' },
      version: 'b4567-abc',
      models: [model('b'), model('a'), model('c')],
    });
    expect(askedAgain).toEqual(['/v1/models']);
  });
});

describe('Ollama', () => {
  const pages = {
    '/v1/models': list(
      { id: 'llama3:8b', owned_by: 'library' },
      { id: 'hf.co/unsloth/gemma:Q4', owned_by: 'unsloth' },
    ),
    '/api/version': page({ version: '0.9.2' }),
    '/api/ps': page({
      models: [{ name: 'hf.co/unsloth/gemma:Q4', model: 'hf.co/unsloth/gemma:Q4', context_length: 4096 }],
    }),
  };

  test('tells what is loaded, and how, each time', async () => {
    const standIn = engine(pages);
    const { port, first, second, askedFirst, askedAgain } = await twice(standIn);
    expect(first).toMatchObject({
      state: { kind: 'up' },
      engine: 'ollama',
      version: '0.9.2',
      models: [model('hf.co/unsloth/gemma:Q4', 4096), model('llama3:8b')],
    });
    expect(askedFirst).toEqual(['/v1/models', '/api/version', '/api/ps']);
    expect(second).toEqual(first);
    expect(askedAgain).toEqual(['/v1/models', '/api/ps']);
    standIn.set({ '/api/ps': page({ models: [{ name: 'llama3:8b', context_length: 8192 }] }) });
    expect(await look(port, { known: first ? [first] : [] })).toMatchObject({
      models: [model('llama3:8b', 8192), model('hf.co/unsloth/gemma:Q4')],
    });
  });

  test('with models from elsewhere only; another server with such names is not taken for it', async () => {
    const names = { '/v1/models': list({ id: 'unsloth/gemma:Q4', owned_by: 'unsloth' }) };
    const { first } = await twice(engine({ ...pages, ...names }));
    expect(first).toMatchObject({ engine: 'ollama', version: '0.9.2' });
    const other = await twice(engine(names));
    expect(other.first).toMatchObject({
      engine: 'openai',
      version: null,
      models: [model('unsloth/gemma:Q4')],
    });
  });

  test('without a model, and without the OpenAI-style list of newer releases', async () => {
    const none = await twice(engine({ ...pages, '/v1/models': page({ object: 'list', data: null }) }), {
      process: 'ollama',
    });
    expect(none.first).toMatchObject({ engine: 'ollama', version: '0.9.2', models: [] });
    const tags = page({ models: [{ name: 'llama3:8b', model: 'llama3:8b' }] });
    const old = await twice(
      engine(
        { '/api/tags': tags, '/api/version': page({ version: '0.1.20' }), '/api/ps': page({ models: [] }) },
        { status: 404, body: '404 page not found' },
      ),
      { process: 'ollama' },
    );
    expect(old.first).toMatchObject({ engine: 'ollama', version: '0.1.20', models: [model('llama3:8b')] });
    expect(old.askedAgain).toEqual(['/v1/models', '/api/tags', '/api/ps']);
  });
});

describe('LM Studio', () => {
  const cards = ['text-embedding-nomic', 'gemma', 'qwen'].map((id) => ({
    id,
    owned_by: 'organization_owner',
  }));
  const own = list(
    { id: 'text-embedding-nomic', type: 'embeddings', state: 'not-loaded', max_context_length: 2048 },
    { id: 'gemma', type: 'vlm', state: 'not-loaded', max_context_length: 131_072 },
    { id: 'qwen', type: 'llm', state: 'loaded', max_context_length: 32_768, loaded_context_length: 4096 },
  );
  const unexpected = page({ error: 'Unexpected endpoint or method. (GET /x)' });

  test('tells what is loaded, and by its own list alone from then on', async () => {
    const { first, second, askedFirst, askedAgain } = await twice(
      engine({ '/v1/models': list(...cards), '/api/v0/models': own }, unexpected),
    );
    expect(first).toMatchObject({
      state: { kind: 'up' },
      engine: 'lmstudio',
      version: null,
      models: [model('qwen', 4096), model('gemma', 131_072), model('text-embedding-nomic', 2048)],
    });
    expect(askedFirst).toEqual(['/v1/models', '/api/v0/models']);
    expect(second).toEqual(first);
    expect(askedAgain).toEqual(['/api/v0/models']);
  });

  test('of a release without a list of its own', async () => {
    const { first, second } = await twice(engine({ '/v1/models': list(...cards) }, unexpected));
    expect(first).toMatchObject({ engine: 'lmstudio', models: cards.map(({ id }) => model(id)) });
    expect(second).toEqual(first);
  });
});

describe('any other', () => {
  test('is an OpenAI-style server, asked for no more than its list', async () => {
    const { first, askedFirst } = await twice(engine({ '/v1/models': list({ id: 'm', owned_by: 'me' }) }));
    expect(first).toMatchObject({ engine: 'openai', version: null, models: [model('m')] });
    expect(askedFirst).toEqual(['/v1/models']);
  });

  test('that wants a password is a row where it refuses as model servers do', async () => {
    const refusing = (body: string) => httpServer(always(401, body, 'application/json'));
    const [like, unlike] = [
      await refusing('{"error":{"message":"no key"}}'),
      await refusing('{"message":"Unauthorized"}'),
    ];
    expect(await look(like)).toMatchObject({ state: { kind: 'locked' }, engine: null });
    expect(await look(unlike)).toBeUndefined();
    expect(await look(unlike, { extraPorts: [unlike] })).toMatchObject({ state: { kind: 'locked' } });
  });

  test('that answers its list and nothing else in time is asked no more than once more', async () => {
    const asked: string[] = [];
    const standIn = engine({ '/v1/models': list({ id: 'm', owned_by: 'vllm' }) });
    const port = await httpServer((request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/v1/models') standIn.handler(request, response);
    });
    expect(await look(port, { timeoutMs: 200 })).toMatchObject({ state: { kind: 'up' }, engine: 'vllm' });
    expect(asked).toEqual(['/v1/models', '/version']);
  });

  test('that repeats the key in its refusal does not get it shown', async () => {
    const port = await httpServer((request, response) =>
      always(400, `bad header ${request.headers.authorization}`)(request, response),
    );
    const server = await look(port, { extraPorts: [port], apiKeyFor: () => 'sk-secret' });
    expect(server).toMatchObject({
      state: { kind: 'failed', failure: { detail: 'status 400 bad header Bearer …' } },
    });
    expect(JSON.stringify(server)).not.toContain('sk-secret');
  });
});
