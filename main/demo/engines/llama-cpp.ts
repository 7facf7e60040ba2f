/** llama.cpp, as tools/server has it. */

import { namer } from '../engine-metrics.ts';
import { json, metricsType, oneModel, type Pages, page } from '../engine-pages.ts';
import { metric } from '../prometheus-text.ts';
import type { LoadFigures, ServerLoad } from '../server-load.ts';
import type { PlayedEngine } from './engine.ts';

export const llamaCpp: PlayedEngine = {
  header: 'llama.cpp',
  pages,
  commands: ({ model, port, maxModelLen }) => ({
    listens: {
      program: 'llama-server',
      args: `/usr/local/bin/llama-server -m /data/models/${model} --port ${port} -c ${maxModelLen} --metrics`,
    },
    works: () => '/usr/local/bin/llama-server',
  }),
};

/** tools/server/server.cpp. */
function pages(load: ServerLoad): Pages {
  const { model, version, maxModelLen } = load.spec;
  return {
    'GET /health': () => json({ status: 'ok' }),
    'GET /props': () =>
      json({ default_generation_settings: { n_ctx: maxModelLen }, build_info: version, model_path: model }),
    'GET /metrics': () => page(200, metricsType, llamaCppMetrics(load.figures())),
    'GET /v1/models': () => oneModel(model, 'llamacpp', { meta: { n_ctx_train: 4 * maxModelLen } }),
  };
}

/** llama.cpp (tools/server/server.cpp): no labels, and no histograms. */
function llamaCppMetrics(figures: LoadFigures): string {
  const named = namer('llamacpp:', {});
  return [
    metric(
      'counter',
      named('prompt_tokens_total', 'Number of prompt tokens processed.'),
      figures.promptTokens,
    ),
    metric(
      'counter',
      named('tokens_predicted_total', 'Number of generation tokens processed.'),
      figures.generationTokens,
    ),
    metric('gauge', named('requests_processing', 'Number of requests processing.'), figures.running),
    metric('gauge', named('requests_deferred', 'Number of requests deferred.'), figures.waiting),
  ].join('');
}
