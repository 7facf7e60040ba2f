/** Lines for a shell of a person: every word from outside is quoted, and the key is never among the arguments of a program. Pure. */

import { shellWord } from '../text.ts';
import { type ClientAccess, type ClientText, lines, rootOf } from './client.ts';

const exportLine = ([name, value]: readonly [string, string]): string => `export ${name}=${shellWord(value)}`;

const exporting = (variables: Readonly<Record<string, string>>, ...commands: readonly string[]): string =>
  lines(...Object.entries(variables).map(exportLine), ...commands);

/**
 * A chat completion. `echo` is a part of the shell: others on this computer can list the arguments of curl, and must not find the
 * key there (`-H @-` reads a header from its input since curl 7.55).
 */
export const curl: ClientText = {
  goes: { kind: 'shell' },
  write: ({ url, key, model }) => {
    const body = { model, messages: [{ role: 'user', content: 'Hello' }], stream: true };
    return lines(
      [
        `echo ${shellWord(`Authorization: Bearer ${key}`)} |`,
        `curl -N ${shellWord(`${url}/chat/completions`)} -H @- -H 'Content-Type: application/json'`,
        `-d ${shellWord(JSON.stringify(body))}`,
      ].join(' '),
    );
  },
};

/** Environment variables that the SDKs of OpenAI and Anthropic read, and with them many programs. */
export const variables: ClientText = {
  goes: { kind: 'shell' },
  write: (access) => exporting(sdkVariables(access)),
};

function sdkVariables(access: ClientAccess): Readonly<Record<string, string>> {
  const { url, key, model } = access;
  return {
    OPENAI_BASE_URL: url,
    OPENAI_API_KEY: key,
    OPENAI_MODEL: model,
    ANTHROPIC_BASE_URL: rootOf(access),
    ANTHROPIC_API_KEY: key,
    ANTHROPIC_MODEL: model,
  };
}

/**
 * Claude Code with that model in each of its roles, as vLLM's pages have it
 * (https://docs.vllm.ai/en/stable/serving/integrations/claude_code/): its check of model names asks Anthropic otherwise.
 */
export const claudeCode: ClientText = {
  goes: { kind: 'shell' },
  write: (access) =>
    exporting(
      {
        ANTHROPIC_BASE_URL: rootOf(access),
        ANTHROPIC_AUTH_TOKEN: access.key,
        ANTHROPIC_MODEL: access.model,
        ANTHROPIC_DEFAULT_OPUS_MODEL: access.model,
        ANTHROPIC_DEFAULT_SONNET_MODEL: access.model,
        ANTHROPIC_DEFAULT_HAIKU_MODEL: access.model,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      },
      'claude',
    ),
};

/** Open WebUI as its Python package starts it (https://docs.openwebui.com/reference/env-configuration). */
export const openWebUi: ClientText = {
  goes: { kind: 'shell' },
  write: ({ url, key, model }) =>
    exporting({ OPENAI_API_BASE_URL: url, OPENAI_API_KEY: key, DEFAULT_MODELS: model }, 'open-webui serve'),
};
