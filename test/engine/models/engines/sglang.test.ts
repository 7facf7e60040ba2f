import { describe, expect, test } from 'vitest';
import { always, engine, httpServer, list, page } from '../../../support/model-servers.ts';
import { look, model, status, twice } from './looking.ts';

describe('SGLang', () => {
  const card = { id: 'org/qwen', owned_by: 'sglang', root: 'org/qwen' };
  const info = { context_length: 40_960, version: '0.5.3', api_key: 'secret' };

  test('tells its version and, where its list does not, its context length', async () => {
    const { first, second, askedFirst, askedAgain } = await twice(
      engine({ '/v1/models': list(card), '/get_server_info': page(info), '/health': page('') }),
    );
    expect(first).toMatchObject({
      state: { kind: 'up' },
      engine: 'sglang',
      version: '0.5.3',
      models: [model('org/qwen', 40_960)],
    });
    expect(askedFirst).toEqual(['/v1/models', '/get_server_info', '/health']);
    expect(second).toEqual(first);
    expect(askedAgain).toEqual(['/v1/models']);
  });

  test('with adapters, and the newer path', async () => {
    const adapter = { id: 'sql', owned_by: 'sglang', root: '/lora/sql', parent: 'org/qwen' };
    const { first } = await twice(
      engine({ '/v1/models': list({ ...card, max_model_len: 8192 }, adapter), '/server_info': page(info) }),
    );
    expect(first).toMatchObject({
      version: '0.5.3',
      models: [model('org/qwen', 8192), model('sql', null, 'org/qwen')],
    });
  });

  test('starts while it warms up', async () => {
    const { first, second } = await twice(
      engine({ '/v1/models': list(card), '/get_server_info': page(info), '/health': status(503) }),
    );
    expect(first).toMatchObject({ state: { kind: 'starting' }, engine: 'sglang' });
    expect(second).toEqual(first);
  });

  test('starts when all it says is 503', async () => {
    const port = await httpServer(always(503, ''));
    expect(await look(port, { process: 'sglang::server' })).toMatchObject({
      state: { kind: 'starting' },
      engine: 'sglang',
    });
    expect(await look(port)).toBeUndefined();
  });
});
