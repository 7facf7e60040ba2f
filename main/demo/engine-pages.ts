/** What the pages of demo model servers are made of, beside completions. */

import type { ModelServerSpec } from './specs.ts';

export interface PageAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** By method and path: `GET /version`. */
export type Pages = Readonly<Record<string, () => PageAnswer>>;

export const htmlType = 'text/html; charset=utf-8';
export const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

export function page(status: number, type: string, body: string): PageAnswer {
  return { status, type, body };
}

export function json(body: object): PageAnswer {
  return page(200, 'application/json', JSON.stringify(body));
}

/** A list of one, as OpenAI's API has it; `more` is what the engine adds. */
export function oneModel(id: string, ownedBy: string, more: object = {}): PageAnswer {
  return json({
    object: 'list',
    data: [{ id, object: 'model', created: nowS(), owned_by: ownedBy, ...more }],
  });
}

export function docs({ model }: ModelServerSpec): PageAnswer {
  const text =
    `<!DOCTYPE html><html><head><title>FastAPI - Swagger UI</title></head><body><h1>${model}</h1>` +
    '<p>POST /v1/chat/completions, POST /v1/completions, GET /v1/models</p></body></html>\n';
  return page(200, htmlType, text);
}

/** Seconds since 1970. */
export function nowS(): number {
  return Math.floor(Date.now() / 1000);
}
