/** What the gateway itself answers where no model server does: in the shape that the client's own API has for errors. */

import type { OutgoingHttpHeaders } from 'node:http';

export interface ApiError {
  readonly status: number;
  /** In OpenAI's words, such as `model_not_found`. */
  readonly code: string;
  /** One sentence and a remedy. */
  readonly message: string;
  /** The part of the request that is at fault. */
  readonly param?: string;
  /** Seconds after which another try makes sense. */
  readonly retryAfter?: number;
  /** What a program may want to know beside the message. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Anthropic's names of errors by status (docs.anthropic.com, Errors). */
const anthropicTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  503: 'overloaded_error',
};

const openAiTypes: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
};

export type ApiStyle = 'openai' | 'anthropic';

/** By the path of the request, without its query. */
export function styleOf(path: string): ApiStyle {
  return path === '/v1/messages' || path.startsWith('/v1/messages/') ? 'anthropic' : 'openai';
}

/** The error as an object of that API. */
export function errorObject({ status, code, message, param, details }: ApiError, style: ApiStyle): object {
  if (style === 'anthropic') {
    const type = anthropicTypes[status] ?? 'api_error';
    return { type: 'error', error: { type, message, ...details } };
  }
  const type = openAiTypes[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error');
  return { error: { message, type, param: param ?? null, code, ...details } };
}

/** The headers and the text of the answer. */
export function errorAnswer(
  error: ApiError,
  style: ApiStyle,
): { readonly headers: OutgoingHttpHeaders; readonly body: string } {
  const body = `${JSON.stringify(errorObject(error, style))}\n`;
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(error.retryAfter !== undefined && { 'retry-after': String(error.retryAfter) }),
    ...(error.status === 401 && { 'www-authenticate': 'Bearer' }),
  };
  return { headers, body };
}

/** The last event of a stream that broke off, for any of the APIs: OpenAI's clients look into the data, Anthropic's at the name. */
export function errorEvent(error: ApiError, style: ApiStyle): string {
  return `event: error\ndata: ${JSON.stringify({ type: 'error', ...errorObject(error, style) })}\n\n`;
}
