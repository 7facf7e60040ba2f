import { describe, expect, test } from 'vitest';
import { always, engine, httpServer, list } from '../../../support/model-servers.ts';
import { look, model, twice } from './looking.ts';

describe('any other', () => {
  test('is an OpenAI-style server, asked for no more than its list', async () => {
    const { first, askedFirst } = await twice(engine({ '/v1/models': list({ id: 'm', owned_by: 'me' }) }));
    expect(first).toMatchObject({ engine: 'openai', version: null, models: [model('m')] });
    expect(askedFirst).toEqual(['/v1/models']);
  });

  test('that wants a password is a row where it refuses as model servers do', async () => {
    const refusing = (body: string) => httpServer(always(401, body, 'application/json'));
    const [like, unlike] = [
      await refusing('{"error":{"message":"no key"}}'),
      await refusing('{"message":"Unauthorized"}'),
    ];
    expect(await look(like)).toMatchObject({ state: { kind: 'locked' }, engine: null });
    expect(await look(unlike)).toBeUndefined();
    expect(await look(unlike, { extraPorts: [unlike] })).toMatchObject({ state: { kind: 'locked' } });
  });

  test('that answers its list and nothing else in time is asked no more than once more', async () => {
    const asked: string[] = [];
    const standIn = engine({ '/v1/models': list({ id: 'm', owned_by: 'vllm' }) });
    const port = await httpServer((request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/v1/models') standIn.handler(request, response);
    });
    expect(await look(port, { timeoutMs: 200 })).toMatchObject({ state: { kind: 'up' }, engine: 'vllm' });
    expect(asked).toEqual(['/v1/models', '/version']);
  });

  test('that repeats the key in its refusal does not get it shown', async () => {
    const port = await httpServer((request, response) =>
      always(400, `bad header ${request.headers.authorization}`)(request, response),
    );
    const server = await look(port, { extraPorts: [port], apiKeyFor: () => 'sk-secret' });
    expect(server).toMatchObject({
      state: { kind: 'failed', failure: { detail: 'status 400 bad header Bearer …' } },
    });
    expect(JSON.stringify(server)).not.toContain('sk-secret');
  });
});
