import { describe, expect, test } from 'vitest';
import { engine, list, page } from '../../../support/model-servers.ts';
import { model, status, twice } from './looking.ts';

describe('NVIDIA NIM', () => {
  const id = 'meta/llama-3.1-8b-instruct';
  const card = (owned_by: string) => ({ id, owned_by, root: id, parent: null, max_model_len: 131_072 });
  const own = {
    '/v1/version': page({ release: '1.10.1', api: '1.10.1' }),
    '/v1/health/ready': page({ object: 'health-response', message: 'ready' }),
  };
  const found = { engine: 'nim', version: '1.10.1', models: [model(id, 131_072)] };

  test('has a version of its own', async () => {
    const { first, second, askedFirst, askedAgain } = await twice(
      engine({ '/v1/models': list(card('system')), ...own }),
    );
    expect(first).toMatchObject({ ...found, state: { kind: 'up' } });
    expect(askedFirst).toEqual(['/v1/models', '/v1/version', '/v1/health/ready']);
    expect(second).toEqual(first);
    expect(askedAgain).toEqual(['/v1/models']);
  });

  test('starts until it is ready', async () => {
    const { first } = await twice(
      engine({ '/v1/models': list(card('system')), ...own, '/v1/health/ready': status(503) }),
    );
    expect(first).toMatchObject({ ...found, state: { kind: 'starting' } });
  });

  test('is known although it lists as the engine inside of it', async () => {
    const inside = await twice(engine({ '/v1/models': list(card('vllm')), ...own }));
    expect(inside.first).toMatchObject(found);
    const headers = { server: 'nginx/1.27.5' };
    const proxied = (owner: string) => ({
      '/v1/models': { ...list(card(owner)), headers },
      '/version': page({ version: '0.11.0' }),
      '/get_server_info': page({ version: '0.5.9' }),
    });
    for (const owner of ['vllm', 'sglang', 'system'])
      expect((await twice(engine({ ...proxied(owner), ...own }))).first, owner).toMatchObject(found);
    const plain = await twice(engine(proxied('vllm')));
    expect(plain.first).toMatchObject({ engine: 'vllm', version: '0.11.0' });
  });

  test('no other server with such an owner is one', async () => {
    const { first } = await twice(engine({ '/v1/models': list({ id, owned_by: 'system' }) }));
    expect(first).toMatchObject({ engine: 'openai', version: null });
    const renamed = await twice(
      engine({ '/v1/models': list(card('system')), '/version': page({ version: '0.9.1' }) }),
    );
    expect(renamed.first).toMatchObject({ engine: 'vllm', version: '0.9.1' });
  });
});
