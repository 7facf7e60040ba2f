import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askedModel } from '#engine/gateway/asked-model.ts';
import { createBody } from '#engine/gateway/body.ts';
import { usualLimits } from '#engine/gateway/body-limits.ts';
import { createBudget } from '#engine/gateway/held-bytes.ts';

/** What is asked with this request, and the body that goes on. */
async function asked(url: string, text: string | null, headers: Readonly<Record<string, string>> = {}) {
  const stream = new PassThrough();
  const length = text === null ? {} : { 'content-length': String(Buffer.byteLength(text)) };
  const request = Object.assign(stream, { url, headers: { ...length, ...headers } });
  const incoming = request as unknown as IncomingMessage;
  const deps = { budget: createBudget(1e9), limits: usualLimits, onFault: () => undefined };
  const body = createBody(incoming, deps);
  stream.end(text ?? '');
  return { model: await askedModel(incoming, body), held: () => body.held().toString() };
}

describe('the model of a request', () => {
  it('may stand in the address, of which the rest stays as it was written', async () => {
    const { model } = await asked('/v1/x?a=%2F&model=org%2Fm&b=1+2', null);
    expect(model).toMatchObject({ name: 'org/m' });
    expect('rename' in model && model.rename('a b')).toEqual({
      path: '/v1/x?a=%2F&model=a%20b&b=1+2',
      grownBy: 0,
    });
  });

  it('in the body is put in its place under another name', async () => {
    const { model, held } = await asked('/v1/chat/completions', '{"n":1,"model":"gpu-01/m","x":"ü"}');
    expect(model).toMatchObject({ name: 'gpu-01/m' });
    expect('rename' in model && model.rename('m')).toEqual({ path: '/v1/chat/completions', grownBy: -7 });
    expect(held()).toBe('{"n":1,"model":"m","x":"ü"}');
  });

  it.each([
    ['no body', null, {}, 400, 'model_missing'],
    ['an object without it', '{"n":1}', {}, 400, 'model_missing'],
    ['what is no JSON', 'model=m', {}, 400, 'invalid_request'],
    ['a body that ends within', '{"n":', {}, 400, 'invalid_request'],
    ['a packed body', '{"model":"m"}', { 'content-encoding': 'gzip' }, 415, 'invalid_request'],
    ['a name without end', `{"model":"${'m'.repeat(2000)}"}`, {}, 400, 'invalid_request'],
  ])('is missed in %s', async (_what, text, headers, status, code) => {
    expect((await asked('/v1/chat/completions', text, headers)).model).toMatchObject({ status, code });
  });
});
