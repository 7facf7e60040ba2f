import { describe, expect, test } from 'vitest';
import { always, engine, httpServer, list, page, tcpServer } from '../../../support/model-servers.ts';
import { look, model, status, twice } from './looking.ts';

describe('vLLM', () => {
  const base = { id: 'org/llama', owned_by: 'vllm', root: 'org/llama', parent: null, max_model_len: 32_768 };
  const lora = {
    id: 'sql',
    owned_by: 'vllm',
    root: '/adapters/sql',
    parent: 'org/llama',
    max_model_len: null,
  };
  const pages = {
    '/v1/models': list(base, lora),
    '/version': page({ version: '0.9.1' }),
    '/health': page(''),
  };

  test('is asked for everything once, and then for its list', async () => {
    const { first, second, askedFirst, askedAgain } = await twice(engine(pages));
    expect(first).toMatchObject({
      state: { kind: 'up' },
      engine: 'vllm',
      version: '0.9.1',
      models: [model('org/llama', 32_768), model('sql', null, 'org/llama')],
      loads: [],
    });
    expect(askedFirst).toEqual(['/v1/models', '/version', '/health', '/is_sleeping']);
    expect(second).toEqual(first);
    expect(askedAgain).toEqual(['/v1/models']);
  });

  test('with another list is another server', async () => {
    const standIn = engine(pages);
    const { port, first } = await twice(standIn);
    standIn.set({ '/v1/models': list({ ...base, id: 'other' }), '/version': page({ version: '0.10.0' }) });
    expect(await look(port, { known: first ? [first] : [] })).toMatchObject({
      version: '0.10.0',
      models: [model('other', 32_768)],
    });
  });

  test('found at another address before, or without a version, is asked again', async () => {
    const standIn = engine(pages);
    const { port, first } = await twice(standIn);
    const known = first ?? expect.fail('there is no server');
    for (const before of [
      { ...known, address: '::1' },
      { ...known, version: null },
    ]) {
      standIn.asked.length = 0;
      await look(port, { known: [before] });
      expect(standIn.asked).toHaveLength(4);
    }
  });

  test('starts, sleeps and wakes', async () => {
    const standIn = engine({ ...pages, '/health': status(503) });
    const port = await httpServer(standIn.handler);
    let known = await look(port);
    const next = async (): Promise<string | undefined> => {
      known = await look(port, { known: known ? [known] : [] });
      return known?.state.kind;
    };
    expect(known).toMatchObject({ state: { kind: 'starting' }, engine: 'vllm', version: '0.9.1' });
    standIn.set({ '/health': page(''), '/is_sleeping': page({ is_sleeping: true }) });
    expect(await next()).toBe('sleeping');
    expect(known).toMatchObject({ engine: 'vllm', models: [{ id: 'org/llama' }, { id: 'sql' }] });
    standIn.asked.length = 0;
    expect(await next()).toBe('sleeping');
    expect(standIn.asked).toEqual(['/v1/models', '/is_sleeping']);
    standIn.set({ '/is_sleeping': page({ is_sleeping: false }) });
    expect(await next()).toBe('up');
  });

  test('behind a key keeps its name and version, and opens with the key alone', async () => {
    const standIn = engine({ '/version': page({ version: '0.9.1' }) });
    const port = await httpServer((request, response) => {
      const open = request.headers.authorization === 'Bearer sk-right';
      if (open) return engine(pages).handler(request, response);
      if (request.url === '/version') return standIn.handler(request, response);
      return always(401, '{"error":"Unauthorized"}', 'application/json')(request, response);
    });
    const locked = { state: { kind: 'locked' }, engine: 'vllm', version: '0.9.1', models: [] };
    expect(await look(port)).toMatchObject(locked);
    expect(await look(port, { apiKeyFor: () => 'sk-wrong' })).toMatchObject(locked);
    const apiKeyFor = (id: string): string | null => (id === `gpu-7:${port}` ? 'sk-right' : null);
    expect(await look(port, { apiKeyFor })).toMatchObject({ state: { kind: 'up' }, models: [{}, {}] });
  });

  test('that falls silent where nobody expects a server is a row until something else is there', async () => {
    const { first } = await twice(engine(pages));
    const known = first ?? expect.fail('there is no server');
    const silent = await tcpServer(() => undefined);
    const html = await httpServer(always(200, '<html>'));
    const at = (port: number) => look(port, { known: [{ ...known, id: `gpu-7:${port}` }], timeoutMs: 200 });
    const failed = await at(silent);
    expect(failed).toMatchObject({
      state: { kind: 'failed', failure: { code: 'server-timeout' } },
      engine: 'vllm',
      version: '0.9.1',
    });
    expect(await at(html)).toBeUndefined();
    expect(await look(silent, { timeoutMs: 200 })).toBeUndefined();
  });
});
