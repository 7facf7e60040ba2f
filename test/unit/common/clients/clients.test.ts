import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { type ClientId, clientIds, clients } from '#common/clients/clients.ts';

const access = { url: 'http://127.0.0.1:16000/v1', key: 'k-123_x', model: 'Qwen/Qwen3-32B' };
const hostile = `it's """a""" \\ {x}: # \u2028 \u0085 \u00e9 \ud83c\udf0d "); $(id) \`id\` !x; import os`;

const write = (id: ClientId, model = access.model) => clients[id].write({ ...access, model });

it('every client gets the address, the key and the model', () => {
  for (const id of clientIds) {
    const text = write(id);
    expect(text, id).toContain('http://127.0.0.1:16000');
    expect(text, id).toContain(access.key);
    expect(text, id).toContain(access.model);
    expect(text.endsWith('\n'), id).toBe(true);
  }
});

it('clients of Anthropic add /v1, all others are given it', () => {
  const root = /:16000(?!\/v1)/;
  for (const id of ['anthropic-python', 'anthropic-js', 'claude-code'] as const)
    expect(write(id), id).not.toContain('/v1');
  for (const id of [
    'openai-python',
    'openai-js',
    'curl',
    'opencode',
    'codex',
    'continue',
    'open-webui',
  ] as const)
    expect(write(id), id).not.toMatch(root);
});

describe('a file for', () => {
  it('opencode is JSON whose model is named by provider and id', () => {
    for (const model of [access.model, hostile]) {
      const config = JSON.parse(write('opencode', model));
      expect(config.model).toBe(`vllm-tray/${model}`);
      expect(config.provider['vllm-tray']).toEqual({
        npm: '@ai-sdk/openai-compatible',
        name: 'vllm-tray',
        options: { baseURL: access.url, apiKey: access.key },
        models: { [model]: { name: model } },
      });
    }
  });

  it('Continue is YAML', () => {
    for (const model of [access.model, hostile])
      expect(parseYaml(write('continue', model))).toEqual({
        name: 'vllm-tray',
        version: '1.0.0',
        schema: 'v1',
        models: [
          {
            name: model,
            provider: 'openai',
            model,
            apiBase: access.url,
            apiKey: access.key,
            roles: ['chat', 'edit', 'apply'],
          },
        ],
      });
  });
});
