import { describe, expect, test } from 'vitest';
import { engine, list, page } from '../../../support/model-servers.ts';
import { model, status, twice } from './looking.ts';

describe('text-generation-inference', () => {
  const info = { model_id: 'org/falcon', max_total_tokens: 4096, version: '2.4.0' };
  const empty = { status: 404, body: '' };

  test('tells version and context length', async () => {
    const card = { id: 'org/falcon', owned_by: 'org/falcon' };
    const { first, second, askedFirst, askedAgain } = await twice(
      engine({ '/v1/models': list(card), '/info': page(info), '/health': page('') }, empty),
    );
    expect(first).toMatchObject({
      state: { kind: 'up' },
      engine: 'tgi',
      version: '2.4.0',
      models: [model('org/falcon', 4096)],
    });
    expect(askedFirst).toEqual(['/v1/models', '/info', '/health']);
    expect(second).toEqual(first);
    expect(askedAgain).toEqual(['/v1/models']);
  });

  test('without a list, as older ones are', async () => {
    const { first, second, askedAgain } = await twice(engine({ '/info': page(info) }, empty));
    expect(first).toMatchObject({ engine: 'tgi', version: '2.4.0', models: [model('org/falcon', 4096)] });
    expect(second).toEqual(first);
    expect(askedAgain).toEqual(['/v1/models', '/info']);
  });

  test('with a model that has stopped working', async () => {
    const card = { id: 'org/falcon', owned_by: 'org/falcon' };
    const unhealthy = status(503, { error: 'unhealthy', error_type: 'healthcheck' });
    const { first } = await twice(
      engine({ '/v1/models': list(card), '/info': page(info), '/health': unhealthy }),
    );
    expect(first).toMatchObject({
      state: {
        kind: 'failed',
        failure: { code: 'server-error', detail: expect.stringContaining('unhealthy') },
      },
      engine: 'tgi',
    });
  });

  test('its sister for embeddings is named as what it is', async () => {
    const { first } = await twice(
      engine({ '/info': page({ model_id: 'BAAI/bge', max_input_length: 512, version: '1.6.0' }) }, empty),
    );
    expect(first).toMatchObject({ engine: 'openai', models: [model('BAAI/bge', 512)] });
  });
});
