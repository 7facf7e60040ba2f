/** Configuration files of agents and editors. Pure. */

import { type ClientText, lines, quoted } from './client.ts';

/** https://opencode.ai/docs/providers: a model is named by its provider and its id. */
export const opencode: ClientText = {
  goes: { kind: 'file', path: '~/.config/opencode/opencode.json' },
  write: ({ url, key, model }) => {
    const provider = {
      npm: '@ai-sdk/openai-compatible',
      name: 'vllm-tray',
      options: { baseURL: url, apiKey: key },
      models: { [model]: { name: model } },
    };
    const config = {
      $schema: 'https://opencode.ai/config.json',
      model: `vllm-tray/${model}`,
      provider: { 'vllm-tray': provider },
    };
    return lines(JSON.stringify(config, null, 2));
  },
};

/**
 * A profile of Codex, which leaves its own settings as they are: `codex --profile vllm-tray`
 * (https://developers.openai.com/codex/config-reference). It speaks the Responses API alone.
 */
export const codex: ClientText = {
  goes: { kind: 'file', path: '~/.codex/vllm-tray.config.toml' },
  write: ({ url, key, model }) =>
    lines(
      `model = ${quoted(model)}`,
      'model_provider = "vllm-tray"',
      '',
      '[model_providers.vllm-tray]',
      'name = "vllm-tray"',
      `base_url = ${quoted(url)}`,
      `experimental_bearer_token = ${quoted(key)}`,
      'wire_api = "responses"',
    ),
};

/** https://docs.continue.dev/customize/model-providers/top-level/openai: the provider of every OpenAI-compatible server. */
export const continueDev: ClientText = {
  goes: { kind: 'file', path: '~/.continue/config.yaml' },
  write: ({ url, key, model }) =>
    lines(
      'name: vllm-tray',
      'version: 1.0.0',
      'schema: v1',
      'models:',
      `  - name: ${quoted(model)}`,
      '    provider: openai',
      `    model: ${quoted(model)}`,
      `    apiBase: ${quoted(url)}`,
      `    apiKey: ${quoted(key)}`,
      '    roles: [chat, edit, apply]',
    ),
};
