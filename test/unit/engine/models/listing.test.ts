import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '#common/errors.ts';
import { parseModelList, parseVersion } from '#engine/models/listing.ts';
import { describeFixtures } from '../probe/fixtures.ts';

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
      { id: 'Qwen/Qwen2.5-14B', maxModelLen: 32_768, parent: null },
      { id: 'sql-lora', maxModelLen: null, parent: 'Qwen/Qwen2.5-14B' },
    ],
  });
});

test.each([
  [{ id: 'm', owned_by: 'vllm' }, 'vllm'],
  [{ id: 'm', owned_by: 'sglang' }, 'sglang'],
  [{ id: 'm', owned_by: 'llamacpp' }, 'llama.cpp'],
  [{ id: 'llama3:8b', owned_by: 'library' }, 'ollama'],
  [{ id: 'm', owned_by: 'organization_owner' }, 'lmstudio'],
  [{ id: 'org/m', owned_by: 'org/m' }, 'tgi'],
  [{ id: 'm', owned_by: 'somebody' }, 'openai'],
  [{ id: 'm', owned_by: 'constructor' }, 'openai'],
  [{ id: 'm', owned_by: 7 }, 'openai'],
  [{ id: 'm' }, 'openai'],
])('%j is served by %s', (model, engine) => {
  expect(parseModelList(list(model)).engine).toBe(engine);
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
  expect(parseModelList(body).models).toEqual([
    { id: 'a', maxModelLen: null, parent: null },
    { id: 'b', maxModelLen: null, parent: null },
  ]);
});

test('a server without a model is one where it answers a list', () => {
  expect(parseModelList(list())).toEqual({ models: [], engine: 'openai' });
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
    const [model] = parseModelList(list({ id: `\u001b[31mred\u202e\n${'x'.repeat(5000)}` })).models;
    expect(model?.id).toMatch(/^red x+…$/);
    expect(model?.id).toHaveLength(300);
    const many = list(...Array.from({ length: 10_000 }, (_, index) => ({ id: `m${index}` })));
    expect(parseModelList(many).models).toHaveLength(500);
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

test.each([
  ['{"version":"0.8.4"}', '0.8.4'],
  ['{"version":"0.11.0rc2.dev5+g1234abc.cu128"}', '0.11.0rc2.dev5+g1234abc.cu128'],
  ['{"version":4}', null],
  ['{"version":""}', null],
  ['<html>', null],
  ['', null],
  ['null', null],
])('the version in %j is %j', (body, version) => {
  expect(parseVersion(body)).toBe(version);
});

describeFixtures('models', (files) => {
  const expected: Readonly<Record<string, { engine: string; ids: readonly string[] }>> = {
    'vllm_production-stack_router_root-null.json': { engine: 'vllm', ids: ['facebook/opt-125m'] },
    'vllm_production-stack_two-models.json': {
      engine: 'vllm',
      ids: ['mistralai/Mistral-7B-Instruct-v0.2', 'meta-llama/Llama-3.1-8B-Instruct'],
    },
    'vllm_qwen2.5-14b.json': {
      engine: 'vllm',
      ids: ['Qwen/Qwen2.5-14B-Instruct', 'meta-llama/Llama-3.1-8B-Instruct'],
    },
    'vllm_synthetic_empty-permission.json': { engine: 'vllm', ids: ['meta-llama/Llama-3-8B-Instruct'] },
    'lmstudio_v1-models_no-created.json': {
      engine: 'lmstudio',
      ids: [
        'qwen/qwen2.5-vl-7b',
        'qwen/qwen3-vl-8b',
        'google/gemma-3-12b',
        'text-embedding-nomic-embed-text-v1.5',
      ],
    },
    'lmstudio_api-v0_loaded.json': { engine: 'openai', ids: ['google/gemma-3-4b'] },
  };

  test.each(files)('$name', ({ name, text }) => {
    const lists = expected[name];
    if (lists === undefined) return expect(refusal(text)).toMatch(/broken JSON|JSON of another shape/);
    const { engine, models } = parseModelList(text);
    expect({ engine, ids: models.map((model) => model.id) }).toEqual(lists);
  });

  test('the version of vLLM 0.4.3', () => {
    expect(parseVersion(files.find(({ name }) => name.startsWith('vllm_version'))?.text ?? '')).toBe('0.4.3');
  });
});
