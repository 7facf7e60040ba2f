/** Any other server with OpenAI's list of models: nothing is known of it beside that. */

import type { Engine } from './engine.ts';

export const openai: Engine = {
  kind: 'openai',
  processes: /^(?:tritonserver|lmdeploy|tabbyapi|koboldcpp|local-ai|mlc_llm|xinference|aphrodite)/i,
  owners: [],
  hasVersion: false,
  identify: async (_ask, found) => found,
  // Most have one, by vLLM's example.
  health: { path: '/health' },
  // Some of these give metrics by the names of another engine.
  metrics: { paths: ['/metrics'], labels: {}, tokensCount: 'as-they-come', numbers: {}, histograms: {} },
};
