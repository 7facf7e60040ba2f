import { describe, expect, test } from 'vitest';
import { engine, httpServer, list, page } from '../../../support/model-servers.ts';
import { look, model, status, twice } from './looking.ts';

describe('llama.cpp', () => {
  const card = { id: 'gemma', owned_by: 'llamacpp', meta: { n_ctx_train: 131_072 } };
  const props = { default_generation_settings: { n_ctx: 8192 }, build_info: 'b4567-abc' };
  const headers = { server: 'llama.cpp' };
  const loading = status(503, { error: { code: 503, message: 'Loading model' } }, headers);

  test('has the context length that it was started with', async () => {
    const { first, second, askedFirst, askedAgain } = await twice(
      engine({ '/v1/models': list(card), '/props': page(props) }),
    );
    expect(first).toMatchObject({
      state: { kind: 'up' },
      engine: 'llama.cpp',
      version: 'b4567-abc',
      models: [model('gemma', 8192)],
    });
    expect(askedFirst).toEqual(['/v1/models', '/props']);
    expect(second).toEqual(first);
    expect(askedAgain).toEqual(['/v1/models']);
  });

  test('starts, whether or not it gives its list meanwhile', async () => {
    const standIn = engine({ '/v1/models': loading, '/props': loading }, loading);
    const port = await httpServer(standIn.handler);
    const first = await look(port);
    expect(first).toMatchObject({ state: { kind: 'starting' }, engine: 'llama.cpp', models: [] });
    standIn.set({ '/v1/models': list({ ...card, meta: null }) });
    const second = await look(port, { known: first ? [first] : [] });
    expect(second).toMatchObject({ state: { kind: 'starting' }, models: [model('gemma')] });
    standIn.set({ '/v1/models': list(card), '/props': page(props) });
    expect(await look(port, { known: second ? [second] : [] })).toMatchObject({
      state: { kind: 'up' },
      version: 'b4567-abc',
      models: [model('gemma', 8192)],
    });
  });

  test('behind a key shows its list to everybody, and is locked all the same', async () => {
    const refused = status(401, { error: { message: 'Invalid API Key', code: 401 } }, headers);
    const { first } = await twice(engine({ '/v1/models': list(card), '/props': refused }));
    expect(first).toMatchObject({
      state: { kind: 'locked' },
      engine: 'llama.cpp',
      models: [{ id: 'gemma' }],
    });
    const older = await twice(engine({}, refused));
    expect(older.first).toMatchObject({ state: { kind: 'locked' }, engine: 'llama.cpp', models: [] });
  });

  test('sleeps without work, and wakes with it', async () => {
    const standIn = engine({
      '/v1/models': list(card),
      '/props': page({ ...props, is_sleeping: true }),
    });
    const port = await httpServer(standIn.handler);
    const first = await look(port);
    expect(first).toMatchObject({ state: { kind: 'sleeping' }, models: [model('gemma', 8192)] });
    standIn.set({ '/props': page({ ...props, is_sleeping: false }) });
    expect(await look(port, { known: first ? [first] : [] })).toMatchObject({
      state: { kind: 'up' },
      models: [model('gemma', 8192)],
    });
  });

  const routed = list(
    { id: 'a', owned_by: 'llamacpp', status: { value: 'unloaded' } },
    { id: 'b', owned_by: 'llamacpp', status: { value: 'loaded' } },
    { id: 'c', owned_by: 'llamacpp', status: { value: 'loading' } },
  );

  test('as a router lists what is loaded first', async () => {
    const { first, askedAgain } = await twice(
      engine({ '/v1/models': routed, '/props': page({ ...props, role: 'router' }) }),
    );
    expect(first).toMatchObject({
      state: { kind: 'up' },
      version: 'b4567-abc',
      models: [model('b'), model('a'), model('c')],
    });
    expect(askedAgain).toEqual(['/v1/models']);
  });
});
