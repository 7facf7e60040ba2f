import { expect, it } from 'vitest';
import { refuse } from '#engine/gateway/access.ts';
import { errorAnswer, errorEvent, styleOf } from '#engine/gateway/errors.ts';

const host = '127.0.0.1:16000';

it('lets in a request with the key in any header that clients use', () => {
  for (const headers of [
    { authorization: 'Bearer planted' },
    { authorization: 'bearer  planted' },
    { 'x-api-key': 'planted' },
    { 'api-key': 'planted' },
    { authorization: 'Bearer other', 'x-api-key': 'planted' },
  ])
    expect(refuse({ host, ...headers }, 'planted')).toBeNull();
});

it('refuses every other request', () => {
  for (const headers of [
    {},
    { authorization: 'planted' },
    { authorization: 'Basic planted' },
    { authorization: 'Bearer plante' },
    { authorization: 'Bearer planted planted' },
    { 'x-api-key': '' },
  ])
    expect(refuse({ host, ...headers }, 'planted')).toMatchObject({ status: 401 });
  const key = { authorization: 'Bearer planted' };
  expect(refuse({ ...key, host: 'evil.example' }, 'planted')).toMatchObject({ status: 403 });
  expect(refuse({ ...key, host, origin: 'http://evil.example' }, 'planted')).toMatchObject({ status: 403 });
});

it('says errors in the shape of the API that was asked', () => {
  const error = { status: 404, code: 'model_not_found', message: 'No.', param: 'model' };
  const said = (path: string) => JSON.parse(errorAnswer(error, styleOf(path)).body);
  expect(said('/v1/chat/completions')).toEqual({
    error: { message: 'No.', type: 'invalid_request_error', param: 'model', code: 'model_not_found' },
  });
  for (const path of ['/v1/messages', '/v1/messages/count_tokens'])
    expect(said(path)).toEqual({ type: 'error', error: { type: 'not_found_error', message: 'No.' } });
  expect(said('/v1/messages-of-another')).toMatchObject({ error: { code: 'model_not_found' } });
  expect(errorEvent({ ...error, status: 502 }, 'anthropic')).toBe(
    'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"No."}}\n\n',
  );
});
