/** NVIDIA NIM for LLMs (https://docs.nvidia.com/nim/large-language-models): vLLM in a container, behind nginx. */

import { docs, json, metricsType, oneModel, type Pages, page } from '../engine-pages.ts';
import type { ServerLoad } from '../server-load.ts';
import type { PlayedEngine } from './engine.ts';
import { vllmMetrics } from './vllm.ts';

export const nim: PlayedEngine = {
  header: 'nginx',
  pages,
  commands: ({ gpus }) => ({
    listens: { program: 'nginx', args: 'nginx: master process nginx -g daemon off;' },
    works: (rank) => (gpus.length === 1 ? 'VLLM::EngineCore' : `VLLM::Worker_TP${rank}`),
  }),
};

function pages(load: ServerLoad): Pages {
  const { spec } = load;
  const ready = () => (load.phase() === 'loading' ? 503 : 200);
  return {
    'GET /v1/health/live': () => json({ object: 'health-response', message: 'live' }),
    'GET /v1/health/ready': () => page(ready(), 'application/json', '{"object":"health-response"}'),
    'GET /v1/version': () => json({ release: spec.version, api: spec.version }),
    'GET /v1/metrics': () => page(200, metricsType, vllmMetrics(load.figures(), spec.model)),
    'GET /docs': () => docs(spec),
    'GET /v1/models': () =>
      oneModel(spec.model, 'system', { root: spec.model, parent: null, max_model_len: spec.maxModelLen }),
  };
}
