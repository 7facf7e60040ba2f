import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOpenAiError, parseVersion } from '#engine/models/answers.ts';
import { parseProps, saysLoading } from '#engine/models/engines/llama-cpp.ts';
import { parseOwnList } from '#engine/models/engines/ollama.ts';
import { parseServerInfo } from '#engine/models/engines/sglang.ts';
import { parseInfo } from '#engine/models/engines/tgi.ts';
import { parseIsSleeping } from '#engine/models/engines/vllm.ts';
import { describeFixtures } from '../../../support/fixtures.ts';

test.each([
  ['{"version":"0.8.4"}', '0.8.4'],
  ['{"version":"0.11.0rc2.dev5+g1234abc.cu128"}', '0.11.0rc2.dev5+g1234abc.cu128'],
  ['{"version":4}', null],
  ['{"version":"None"}', null],
  ['{"version":""}', null],
  ['{"version":"\\u001b[31m1\\u0000.2"}', '1 .2'],
  ['<html>', null],
  ['', null],
  ['null', null],
])('the version in %j is %j', (body, version) => {
  expect(parseVersion(body)).toBe(version);
});

test.each([
  ['{"model_path":"m","context_length":null,"version":"0.4.6","api_key":"x"}', '0.4.6', null],
  ['{"context_length":32768,"version":"0.5.9"}', '0.5.9', 32_768],
  ['{"context_length":"many","version":{}}', null, null],
])('SGLang: %s', (body, version, contextLength) => {
  expect(parseServerInfo(body)).toEqual({ version, contextLength });
});

test.each([
  ['{"default_generation_settings":{"n_ctx":4096},"build_info":"b4567-abc123"}', 'b4567-abc123', 4096],
  ['{"role":"router","default_generation_settings":{"params":null,"n_ctx":0}}', null, null],
  ['{"default_generation_settings":[],"n_ctx":2048}', null, 2048],
  ['{}', null, null],
])('llama.cpp: %s', (body, version, contextLength) => {
  expect(parseProps(body)).toEqual({ version, contextLength, isSleeping: null });
});

test('text-generation-inference, newer and older, and its sister for embeddings', () => {
  const model = { parent: null, loaded: null };
  expect(
    parseInfo(
      '{"model_id":"org/m","max_total_tokens":4096,"router":"text-generation-router","version":"3.0.1"}',
    ),
  ).toEqual({
    engine: 'tgi',
    version: '3.0.1',
    models: [{ ...model, id: 'org/m', maxModelLen: 4096, isEmbedding: false }],
  });
  expect(
    parseInfo('{"model_id":"org/m","max_input_length":1024,"max_total_tokens":2048,"version":"1.1.0"}'),
  ).toMatchObject({ engine: 'tgi', models: [{ maxModelLen: 2048 }] });
  expect(
    parseInfo(
      '{"model_id":"BAAI/bge","model_type":{"embedding":{}},"max_input_length":512,"version":"1.6.0"}',
    ),
  ).toEqual({
    engine: 'openai',
    version: '1.6.0',
    models: [{ ...model, id: 'BAAI/bge', maxModelLen: 512, isEmbedding: true }],
  });
  expect(parseInfo('{"name":"an exporter","version":"1.0"}')).toBeNull();
});

test('Ollama: names with and without a model, what is none of them, an empty list', () => {
  const body =
    '{"models":[{"name":"old:latest","model":"org/new:latest"},{"name":"a:1b","context_length":4096},{"x":1},7]}';
  expect(parseOwnList(body)?.map(({ id, maxModelLen }) => [id, maxModelLen])).toEqual([
    ['org/new:latest', null],
    ['a:1b', 4096],
  ]);
  for (const empty of ['{"models":[]}', '{"models":null}']) expect(parseOwnList(empty)).toEqual([]);
  for (const other of ['{"models":[{"x":1}]}', '{"models":{}}', '[]', ''])
    expect(parseOwnList(other)).toBeNull();
});

test.each([
  ['{"is_sleeping":true}', true],
  ['{"is_sleeping":false}', false],
  ['{"is_sleeping":"true"}', false],
  ['{"detail":"Not Found"}', false],
])('%s: asleep is %j', (body, asleep) => {
  expect(parseIsSleeping(body)).toBe(asleep);
});

test.each([
  ['{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}', true],
  ['{"error":{"message":"busy"}}', false],
  ['{"error":"Loading model"}', false],
  ['Loading model', false],
])('%s: loading is %j', (body, loading) => {
  expect(saysLoading(body)).toBe(loading);
});

test.each([
  ['{"error":"Unauthorized"}', true],
  ['{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}', true],
  ['{"message":"Unauthorized"}', false],
  ['{"error":null}', false],
  ['<h1>401</h1>', false],
])('%s: a refusal as of OpenAI is %j', (body, refuses) => {
  expect(isOpenAiError(body)).toBe(refuses);
});

const parsers = [
  parseVersion,
  parseServerInfo,
  parseProps,
  parseInfo,
  parseOwnList,
  parseIsSleeping,
  saysLoading,
  isOpenAiError,
];

describe('hostile answers', () => {
  const parse = (body: string): void => {
    for (const one of parsers) one(body);
  };

  test('cut at every byte, of any shape, and anything at all', () => {
    const whole = JSON.stringify({
      version: '1',
      context_length: 5,
      model_id: 'm',
      models: [{ name: 'a' }],
      default_generation_settings: { n_ctx: 1 },
      error: { message: 'Loading model' },
    });
    for (let length = 0; length <= whole.length; length += 1) parse(whole.slice(0, length));
    const keys = fc.constantFrom(
      'version',
      'models',
      'error',
      'model_id',
      'build_info',
      'n_ctx',
      '__proto__',
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), parse));
    fc.assert(fc.property(fc.dictionary(keys, fc.jsonValue()), (value) => parse(JSON.stringify(value))));
  });

  test('10 MB, deep nesting, too many models', () => {
    parse(`{"version":"${'x'.repeat(10_000_000)}"}`);
    parse(`${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`);
    const many = Array.from({ length: 10_000 }, (_, index) => ({ name: `m${index}` }));
    expect(parseOwnList(JSON.stringify({ models: many }))).toHaveLength(500);
    expect(parseVersion(`{"version":"${'x'.repeat(10_000)}"}`)).toHaveLength(60);
  });
});

describeFixtures('models', (files) => {
  const text = (name: string): string => files.find((file) => file.name === name)?.text ?? '';

  test('the answers of single engines, as a table', () => {
    const model = (maxModelLen: number | null) => [
      { id: 'llama3:8b', maxModelLen, parent: null, loaded: null, isEmbedding: false },
    ];
    const read = {
      'llamacpp_props_synthetic.json': parseProps(text('llamacpp_props_synthetic.json')),
      'ollama_ps_synthetic.json': parseOwnList(text('ollama_ps_synthetic.json')),
      'ollama_tags_synthetic.json': parseOwnList(text('ollama_tags_synthetic.json')),
      'vllm_version_0.4.3.json': parseVersion(text('vllm_version_0.4.3.json')),
    };
    console.table(Object.entries(read).map(([file, found]) => ({ file, found: JSON.stringify(found) })));
    expect(read).toEqual({
      'llamacpp_props_synthetic.json': { version: '0.0.0', contextLength: 8192, isSleeping: null },
      'ollama_ps_synthetic.json': model(4096),
      'ollama_tags_synthetic.json': model(null),
      'vllm_version_0.4.3.json': '0.4.3',
    });
  });
});
