/** Which model a request names, in its query or its body, and how another name is put in that place. */

import type { IncomingMessage } from 'node:http';
import type { Body } from './body.ts';
import type { ApiError } from './errors.ts';
import { searchForm } from './model-in-form.ts';
import { searchJson } from './model-in-json.ts';
import type { ModelSearch } from './model-search.ts';

export interface AskedModel {
  readonly name: string;
  /** The path with its query as it goes on, and by how many bytes the body has grown. Errors: where the name is not to be found. */
  rename(model: string): { readonly path: string; readonly grownBy: number } | ApiError;
}

const mostNameLength = 1000;

/** Reads of the body only as far as it must. Errors: no model, or a body that is not what it says to be. */
export async function askedModel(request: IncomingMessage, body: Body): Promise<AskedModel | ApiError> {
  const { url = '/' } = request;
  const inQuery = queryOf(url).get('model');
  if (inQuery !== null)
    return { name: inQuery, rename: (model) => ({ path: withModel(url, model), grownBy: 0 }) };
  if (!hasBody(request)) return noModel;
  const { 'content-encoding': encoding, 'content-type': type = '' } = request.headers;
  if (encoding !== undefined && encoding !== 'identity')
    return bad(415, 'A packed body cannot be read for its model: send it as it is, or the model as ?model=.');
  const search = type.toLowerCase().startsWith('multipart/') ? searchForm(type) : searchJson();
  const refused = await body.search(search);
  if (refused !== null) return refused;
  const state = search.state();
  if (state.kind === 'invalid') return bad(400, state.why);
  if (state.kind !== 'found') return noModel;
  if (state.name.length > mostNameLength) return bad(400, 'The name of the model is too long.');
  return { name: state.name, rename: (model) => renamed(url, body, search, model) };
}

function renamed(
  url: string,
  body: Body,
  search: ModelSearch,
  model: string,
): ReturnType<AskedModel['rename']> {
  const span = search.span(body.held());
  if (span === null)
    return bad(400, 'The model is named in a way that cannot be changed: leave the host out.');
  const text = Buffer.from(search.encode(model));
  body.replace(span, text);
  return { path: url, grownBy: text.length - (span.end - span.start) };
}

const noModel: ApiError = {
  status: 400,
  code: 'model_missing',
  param: 'model',
  message:
    'The request names no model, neither in its body nor as ?model=; GET /v1/models lists what there is.',
};

function bad(status: number, message: string): ApiError {
  return { status, code: 'invalid_request', param: 'model', message };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function queryOf(url: string): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
}

/** The rest of the query stays as it was written. */
function withModel(url: string, model: string): string {
  const at = url.indexOf('?');
  const parts = url.slice(at + 1).split('&');
  const isModel = (part: string): boolean => new URLSearchParams(part).has('model');
  const first = parts.findIndex(isModel);
  return `${url.slice(0, at)}?${parts.with(first, `model=${encodeURIComponent(model)}`).join('&')}`;
}
