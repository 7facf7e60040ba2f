import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '#common/failure.ts';
import { parseModelList } from '#engine/models/listing.ts';
import type { ListedModel } from '#engine/models/model-cards.ts';
import { describeFixtures } from '../../../support/fixtures.ts';

const model = (id: string, fields: Partial<ListedModel> = {}): ListedModel => ({
  id,
  maxModelLen: null,
  parent: null,
  loaded: null,
  isEmbedding: false,
  ...fields,
});

const list = (...data: unknown[]) => JSON.stringify({ object: 'list', data });

function refusal(body: string, contentType = 'application/json'): string {
  try {
    parseModelList(body, contentType);
  } catch (error) {
    if (error instanceof AppError && error.code === 'server-not-openai') return error.detail;
    throw error;
  }
  return 'it was taken';
}

test('vLLM with a LoRA adapter', () => {
  const body = list(
    {
      id: 'Qwen/Qwen2.5-14B',
      owned_by: 'vllm',
      root: 'Qwen/Qwen2.5-14B',
      parent: null,
      max_model_len: 32_768,
    },
    {
      id: 'sql-lora',
      owned_by: 'vllm',
      root: '/adapters/sql',
      parent: 'Qwen/Qwen2.5-14B',
      max_model_len: null,
    },
  );
  expect(parseModelList(body)).toEqual({
    engine: 'vllm',
    models: [
      model('Qwen/Qwen2.5-14B', { maxModelLen: 32_768 }),
      model('sql-lora', { parent: 'Qwen/Qwen2.5-14B' }),
    ],
  });
});

test('an old vLLM names the base of an adapter as its root; two names of one model are no adapters', () => {
  const body = list(
    { id: 'llama', owned_by: 'vllm', root: 'llama', parent: null, max_model_len: 4096 },
    { id: 'alias', owned_by: 'vllm', root: 'llama', parent: null, max_model_len: 4096 },
    { id: 'sql-lora', owned_by: 'vllm', root: 'llama', parent: null },
    { id: 'lost-lora', owned_by: 'vllm', root: 'elsewhere', parent: null },
  );
  expect(parseModelList(body).models).toEqual([
    model('llama', { maxModelLen: 4096 }),
    model('alias', { maxModelLen: 4096 }),
    model('sql-lora', { parent: 'llama' }),
    model('lost-lora'),
  ]);
});

test('llama.cpp: the context length that it was trained for, and as a router what is loaded', () => {
  const owner = { owned_by: 'llamacpp' };
  const body = list(
    { id: 'a', ...owner, meta: { n_ctx_train: 131_072 } },
    { id: 'b', ...owner, meta: { n_ctx_train: 131_072, n_ctx: 8192 } },
    { id: 'c', ...owner, meta: null, status: { value: 'unloaded', args: ['llama-server'] } },
    { id: 'd', ...owner, status: { value: 'loaded' } },
    { id: 'e', ...owner, status: { value: 'loading' } },
    { id: 'f', ...owner, status: { value: 'sleeping' } },
    { id: 'g', ...owner, status: 'loaded' },
  );
  expect(parseModelList(body)).toEqual({
    engine: 'llama.cpp',
    models: [
      model('a', { maxModelLen: 131_072 }),
      model('b', { maxModelLen: 8192 }),
      model('c', { loaded: false }),
      model('d', { loaded: true }),
      model('e', { loaded: false }),
      model('f', { loaded: false }),
      model('g'),
    ],
  });
});

test("LM Studio's own list: what is loaded, how long its context is, what only embeds", () => {
  const body = list(
    { id: 'a', type: 'llm', state: 'loaded', max_context_length: 131_072, loaded_context_length: 4096 },
    { id: 'b', type: 'vlm', state: 'not-loaded', max_context_length: 32_768 },
    { id: 'c', type: 'embeddings', state: 'not-loaded', max_context_length: 2048 },
  );
  expect(parseModelList(body).models).toEqual([
    model('a', { maxModelLen: 4096, loaded: true }),
    model('b', { maxModelLen: 32_768, loaded: false }),
    model('c', { maxModelLen: 2048, loaded: false, isEmbedding: true }),
  ]);
});

test.each([
  [{ id: 'm', owned_by: 'vllm' }, 'vllm'],
  [{ id: 'm', owned_by: 'sglang' }, 'sglang'],
  [{ id: 'm', owned_by: 'llamacpp' }, 'llama.cpp'],
  [{ id: 'llama3:8b', owned_by: 'library' }, 'ollama'],
  [{ id: 'hf.co/unsloth/gemma-GGUF:Q4_K_M', owned_by: 'unsloth' }, 'ollama'],
  [{ id: 'unsloth/gemma', owned_by: 'unsloth' }, 'openai'],
  [{ id: 'unsloth/gemma:free', owned_by: 'router' }, 'openai'],
  [{ id: 'm', owned_by: 'organization_owner' }, 'lmstudio'],
  [{ id: 'm', owned_by: 'tensorrt_llm' }, 'trtllm'],
  [{ id: 'm', owned_by: 'system' }, 'nim'],
  [{ id: 'org/m', owned_by: 'org/m' }, 'tgi'],
  [{ id: 'm', owned_by: 'somebody' }, 'openai'],
  [{ id: 'm', owned_by: 'constructor' }, 'openai'],
  [{ id: 'm', owned_by: 7 }, 'openai'],
  [{ id: 'm' }, 'openai'],
])('%j is served by %s', (model, engine) => {
  expect(parseModelList(list(model)).engine).toBe(engine);
});

test.each([
  [{ parent: 'None' }, {}],
  [{ parent: ' None ' }, {}],
  [{ parent: 'base', root: 'None' }, { parent: 'base' }],
  [{ root: 'None', parent: 'None', state: 'None', status: { value: 'None' } }, {}],
  [{ max_model_len: 'None', meta: 'None' }, {}],
  [{ context_window: 131_072 }, { maxModelLen: 131_072 }],
  [{ context_window: 0 }, {}],
  [{ context_window: 4096, max_model_len: 8192 }, { maxModelLen: 8192 }],
])('a model with %j', (fields, expected) => {
  expect(parseModelList(list({ id: 'm', ...fields })).models).toEqual([model('m', expected)]);
});

test('fields of another shape cost only themselves, entries without an id only themselves', () => {
  const body = list(
    { id: 'a', max_model_len: '8192', parent: 5 },
    { id: 'b', max_model_len: -1 },
    { name: 'c' },
    null,
    'd',
    { id: 7 },
  );
  expect(parseModelList(body).models).toEqual([model('a'), model('b')]);
});

test('a server without a model is one where it answers a list', () => {
  expect(parseModelList(list())).toEqual({ models: [], engine: 'openai' });
  expect(parseModelList('{"object":"list","data":null}')).toEqual({ models: [], engine: 'openai' });
  expect(refusal('{"data":[]}')).toContain('JSON of another shape');
});

test.each([
  ['<!DOCTYPE html><html></html>', 'text/html', 'an HTML page'],
  ['  <html lang="en">', '', 'an HTML page'],
  ['whatever', 'text/html', 'an HTML page'],
  ['', 'application/json', 'an empty answer'],
  ['{"object":"list","data":[{"id":"a"', 'application/json', 'broken JSON'],
  ['OK', 'text/plain', 'text that is not JSON'],
  ['{"models":[{"name":"llama3:8b"}]}', 'application/json', 'JSON of another shape'],
  ['{"data":{"id":"a"}}', 'application/json', 'JSON of another shape'],
  ['{"object":"list","data":[1,2]}', 'application/json', 'JSON of another shape'],
  ['[{"id":"a"}]', 'application/json', 'JSON of another shape'],
  ['null', 'application/json', 'JSON of another shape'],
])('%j (%s) is %s', (body, contentType, detail) => {
  expect(refusal(body, contentType)).toBe(`it answered with ${detail}`);
});

describe('hostile answers', () => {
  test('ids are one clean line of bounded length, and there are only so many', () => {
    const [found] = parseModelList(list({ id: `\u001b[31mred\u202e\n${'x'.repeat(5000)}` })).models;
    expect(found?.id).toMatch(/^red x+…$/);
    expect(found?.id).toHaveLength(300);
    const many = list(...Array.from({ length: 10_000 }, (_, index) => ({ id: `m${index}` })));
    expect(parseModelList(many).models).toHaveLength(500);
  });

  test('each id once', () => {
    const same = list({ id: 'a' }, { id: 'b' }, { id: 'a\u0000' }, { id: 'a' });
    expect(parseModelList(same).models.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('10 MB in one line', () => {
    for (const filling of ['x', '[', '{"id":"a"},', '\\u0000', ' '])
      refusal(`{"object":"list","data":["${filling.repeat(10_000_000 / filling.length)}`);
    expect(parseModelList(list({ id: 'x'.repeat(10_000_000) })).models[0]?.id).toHaveLength(300);
  });

  test('cut at every byte, deep nesting and anything at all are refused with a code', () => {
    const whole = list({ id: 'a', owned_by: 'vllm', max_model_len: 5 });
    for (let length = 0; length < whole.length; length += 1)
      expect(refusal(whole.slice(0, length))).toMatch(/^it answ/);
    expect(refusal('['.repeat(1_000_000))).toContain('broken JSON');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (body) => void refusal(body)));
    fc.assert(fc.property(fc.json(), (body) => void refusal(body)));
    fc.assert(fc.property(fc.array(fc.jsonValue()), (data) => void refusal(list(...data))));
  });
});

/** What a careful reader finds in each list; the other files are no lists. */
const expected: Readonly<Record<string, { engine: string; models: readonly ListedModel[] }>> = {
  'vllm_production-stack_router_root-null.json': { engine: 'vllm', models: [model('facebook/opt-125m')] },
  'vllm_production-stack_two-models.json': {
    engine: 'vllm',
    models: [model('mistralai/Mistral-7B-Instruct-v0.2'), model('meta-llama/Llama-3.1-8B-Instruct')],
  },
  'vllm_qwen2.5-14b.json': {
    engine: 'vllm',
    models: [
      model('Qwen/Qwen2.5-14B-Instruct', { maxModelLen: 16_384 }),
      model('meta-llama/Llama-3.1-8B-Instruct', { maxModelLen: 131_072 }),
    ],
  },
  'vllm_synthetic_empty-permission.json': {
    engine: 'vllm',
    models: [model('meta-llama/Llama-3-8B-Instruct', { maxModelLen: 8192 })],
  },
  'lmstudio_v1-models_no-created.json': {
    engine: 'lmstudio',
    models: [
      model('qwen/qwen2.5-vl-7b'),
      model('qwen/qwen3-vl-8b'),
      model('google/gemma-3-12b'),
      model('text-embedding-nomic-embed-text-v1.5'),
    ],
  },
  'lmstudio_api-v0_loaded.json': {
    engine: 'openai',
    models: [model('google/gemma-3-4b', { maxModelLen: 12_918, loaded: true })],
  },
};

describeFixtures('models', (files) => {
  test('every list, as a table', () => {
    const read = files.map(({ name, text }) => ({
      name,
      listing: name in expected ? parseModelList(text) : null,
      refused: name in expected ? '' : refusal(text),
    }));
    console.table(
      read.map(({ name, listing, refused }) => ({
        file: name,
        engine: listing?.engine ?? refused,
        models: listing?.models.map(({ id, maxModelLen }) => `${id} (${maxModelLen})`).join(', '),
      })),
    );
    for (const { name, listing, refused } of read) {
      if (listing === null) expect(refused, name).toMatch(/broken JSON|text that is not|of another shape/);
      else expect(listing, name).toEqual(expected[name]);
    }
    expect(read.filter(({ listing }) => listing !== null)).toHaveLength(Object.keys(expected).length);
  });

  test('an entry of a router of llama.cpp, of which the file holds the beginning', () => {
    const fragment = files.find(({ name }) => name.startsWith('llamacpp_router'))?.text ?? '';
    const whole = `{"object":"list","data":[${fragment.trim().replace(/,$/, '')}]}}]}`;
    expect(parseModelList(whole)).toEqual({
      engine: 'llama.cpp',
      models: [model('unsloth/gemma-4-31B-it-GGUF:IQ4_XS', { loaded: false })],
    });
  });
});
