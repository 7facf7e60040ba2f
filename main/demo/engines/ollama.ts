/** Ollama, as server/routes.go and openai/openai.go have it; it has no metrics. */

import { json, oneModel, type Pages, page } from '../engine-pages.ts';
import type { ServerLoad } from '../server-load.ts';
import type { PlayedEngine } from './engine.ts';

export const ollama: PlayedEngine = {
  header: null,
  pages,
  commands: () => ({
    listens: { program: 'ollama', args: '/usr/local/bin/ollama serve' },
    works: () => '/usr/local/bin/ollama',
  }),
};

/** server/routes.go and openai/openai.go; it has no metrics. */
function pages({ spec: { model, version, maxModelLen } }: ServerLoad): Pages {
  const entry = { name: model, model, details: { family: 'llama', quantization_level: 'Q4_K_M' } };
  return {
    'GET /': () => page(200, 'text/plain; charset=utf-8', 'Ollama is running'),
    'GET /api/version': () => json({ version }),
    'GET /api/tags': () => json({ models: [entry] }),
    'GET /api/ps': () => json({ models: [{ ...entry, context_length: maxModelLen }] }),
    'GET /v1/models': () => oneModel(model, 'library'),
  };
}
