/** What each engine answers beside completions, from its source: lists, versions, health and metrics. */

import { assertNever } from '#common/model.ts';
import type { ModelServerSpec } from './catalogue.ts';
import { llamaCppMetrics, sglangMetrics, vllmMetrics } from './engine-metrics.ts';
import type { ServerLoad } from './server-load.ts';
import { modelList } from './vllm-answers.ts';

export interface PageAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** By method and path: `GET /version`. */
export type Pages = Readonly<Record<string, () => PageAnswer>>;

export const htmlType = 'text/html; charset=utf-8';
const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

/** The `server` header that its answers carry; null: none. */
export function serverHeader({ kind }: ModelServerSpec): string | null {
  if (kind === 'ollama') return null;
  return kind === 'llama.cpp' ? 'llama.cpp' : 'uvicorn';
}

/** `permissionId` gives an id of 32 digits, as vLLM makes a new one each time. */
export function pagesOf(load: ServerLoad, permissionId: () => string): Pages {
  const { kind } = load.spec;
  switch (kind) {
    case 'vllm':
      return vllmPages(load, permissionId);
    case 'sglang':
      return sglangPages(load);
    case 'llama.cpp':
      return llamaCppPages(load);
    case 'ollama':
      return ollamaPages(load.spec);
    default:
      return assertNever(kind);
  }
}

/** A 503 of `/health` while it loads (vllm/entrypoints/openai/api_server.py); `/is_sleeping` in its development mode. */
function vllmPages(load: ServerLoad, permissionId: () => string): Pages {
  const { spec } = load;
  const health = () => page(load.phase() === 'loading' ? 503 : 200, htmlType, '');
  return {
    'GET /health': health,
    'GET /ping': health,
    'POST /ping': health,
    'GET /version': () => json({ version: spec.version }),
    'GET /is_sleeping': () => json({ is_sleeping: load.phase() === 'sleeping' }),
    'GET /metrics': () => page(200, metricsType, vllmMetrics(load.figures(), spec.model)),
    'GET /docs': () => docs(spec),
    'GET /v1/models': () => json(modelList(spec, nowS(), permissionId)),
  };
}

/** sglang/srt/entrypoints/http_server.py. */
function sglangPages(load: ServerLoad): Pages {
  const { spec } = load;
  return {
    'GET /health': () => page(200, htmlType, ''),
    'GET /get_server_info': () =>
      json({ model_path: spec.model, context_length: spec.maxModelLen, version: spec.version }),
    'GET /metrics': () => page(200, metricsType, sglangMetrics(load.figures(), spec.model)),
    'GET /docs': () => docs(spec),
    'GET /v1/models': () =>
      oneModel(spec.model, 'sglang', { root: spec.model, max_model_len: spec.maxModelLen }),
  };
}

/** tools/server/server.cpp. */
function llamaCppPages(load: ServerLoad): Pages {
  const { model, version, maxModelLen } = load.spec;
  return {
    'GET /health': () => json({ status: 'ok' }),
    'GET /props': () =>
      json({ default_generation_settings: { n_ctx: maxModelLen }, build_info: version, model_path: model }),
    'GET /metrics': () => page(200, metricsType, llamaCppMetrics(load.figures())),
    'GET /v1/models': () => oneModel(model, 'llamacpp', { meta: { n_ctx_train: 4 * maxModelLen } }),
  };
}

/** server/routes.go and openai/openai.go; it has no metrics. */
function ollamaPages({ model, version, maxModelLen }: ModelServerSpec): Pages {
  const entry = { name: model, model, details: { family: 'llama', quantization_level: 'Q4_K_M' } };
  return {
    'GET /': () => page(200, 'text/plain; charset=utf-8', 'Ollama is running'),
    'GET /api/version': () => json({ version }),
    'GET /api/tags': () => json({ models: [entry] }),
    'GET /api/ps': () => json({ models: [{ ...entry, context_length: maxModelLen }] }),
    'GET /v1/models': () => oneModel(model, 'library'),
  };
}

function page(status: number, type: string, body: string): PageAnswer {
  return { status, type, body };
}

function json(body: object): PageAnswer {
  return page(200, 'application/json', JSON.stringify(body));
}

/** A list of one, as OpenAI's API has it; `more` is what the engine adds. */
function oneModel(id: string, ownedBy: string, more: object = {}): PageAnswer {
  return json({
    object: 'list',
    data: [{ id, object: 'model', created: nowS(), owned_by: ownedBy, ...more }],
  });
}

function docs({ model }: ModelServerSpec): PageAnswer {
  const text =
    `<!DOCTYPE html><html><head><title>FastAPI - Swagger UI</title></head><body><h1>${model}</h1>` +
    '<p>POST /v1/chat/completions, POST /v1/completions, GET /v1/models</p></body></html>\n';
  return page(200, htmlType, text);
}

/** Seconds since 1970. */
export function nowS(): number {
  return Math.floor(Date.now() / 1000);
}
