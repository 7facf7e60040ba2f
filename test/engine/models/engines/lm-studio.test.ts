import { describe, expect, test } from 'vitest';
import { engine, list, page } from '../../../support/model-servers.ts';
import { model, twice } from './looking.ts';

describe('LM Studio', () => {
  const cards = ['text-embedding-nomic', 'gemma', 'qwen'].map((id) => ({
    id,
    owned_by: 'organization_owner',
  }));
  const own = list(
    { id: 'text-embedding-nomic', type: 'embeddings', state: 'not-loaded', max_context_length: 2048 },
    { id: 'gemma', type: 'vlm', state: 'not-loaded', max_context_length: 131_072 },
    { id: 'qwen', type: 'llm', state: 'loaded', max_context_length: 32_768, loaded_context_length: 4096 },
  );
  const unexpected = page({ error: 'Unexpected endpoint or method. (GET /x)' });

  test('tells what is loaded, and by its own list alone from then on', async () => {
    const { first, second, askedFirst, askedAgain } = await twice(
      engine({ '/v1/models': list(...cards), '/api/v0/models': own }, unexpected),
    );
    expect(first).toMatchObject({
      state: { kind: 'up' },
      engine: 'lmstudio',
      version: null,
      models: [model('qwen', 4096), model('gemma', 131_072), model('text-embedding-nomic', 2048)],
    });
    expect(askedFirst).toEqual(['/v1/models', '/api/v0/models']);
    expect(second).toEqual(first);
    expect(askedAgain).toEqual(['/api/v0/models']);
  });

  test('of a release without a list of its own', async () => {
    const { first, second } = await twice(engine({ '/v1/models': list(...cards) }, unexpected));
    expect(first).toMatchObject({ engine: 'lmstudio', models: cards.map(({ id }) => model(id)) });
    expect(second).toEqual(first);
  });
});
