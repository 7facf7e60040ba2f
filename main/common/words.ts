/** The words for states that every face shows alike; those of errors are in errors.ts. */

import { errors } from './errors.ts';
import type { ForeignState } from './forwards.ts';
import { assertNever, type EngineKind, type ServerState } from './model.ts';

export const engineNames: Readonly<Record<EngineKind, string>> = {
  vllm: 'vLLM',
  sglang: 'SGLang',
  tgi: 'TGI',
  'llama.cpp': 'llama.cpp',
  ollama: 'Ollama',
  lmstudio: 'LM Studio',
  openai: 'OpenAI-compatible',
};

export const serverStateNames: Readonly<Record<ServerState['kind'], string>> = {
  up: 'Up',
  starting: 'Starting',
  sleeping: 'Asleep',
  locked: 'Locked',
  failed: 'Failed',
};

export const foreignStateNames: Readonly<Record<ForeignState['kind'], string>> = {
  unknown: 'Not known yet',
  answering: 'Answering',
  'no-model': 'No model',
  dead: 'Dead',
};

/** Why a server shows no model: one sentence, and the raw text of a failure or nothing. */
export function whyNoModel(state: ServerState): { readonly title: string; readonly detail: string } {
  switch (state.kind) {
    case 'up':
      return { title: 'Serves no model', detail: '' };
    case 'starting':
      return { title: 'Loads its model', detail: '' };
    case 'sleeping':
      return { title: 'Sleeps until it is woken', detail: '' };
    case 'locked':
      return { title: 'Needs an API key to show its models', detail: '' };
    case 'failed':
      return { title: errors[state.failure.code].title, detail: state.failure.detail };
    default:
      return assertNever(state);
  }
}
