import { describe, expect, test } from 'vitest';
import { always, engine, httpServer, list, page } from '../../../support/model-servers.ts';
import { look, model, status, twice } from './looking.ts';

describe('TensorRT-LLM', () => {
  const card = { id: 'TinyLlama-1.1B', object: 'model', owned_by: 'tensorrt_llm' };
  const pages = {
    '/v1/models': list(card),
    '/version': page({ version: '1.1.0rc5' }),
    '/health': status(200, ''),
  };

  test('is asked for its version once, and then for its list', async () => {
    const { first, second, askedFirst, askedAgain } = await twice(engine(pages));
    expect(first).toMatchObject({
      state: { kind: 'up' },
      engine: 'trtllm',
      version: '1.1.0rc5',
      models: [model('TinyLlama-1.1B')],
    });
    expect(askedFirst).toEqual(['/v1/models', '/version', '/health']);
    expect(second).toEqual(first);
    expect(askedAgain).toEqual(['/v1/models']);
  });

  test('that cannot answer starts; by its process it is known before', async () => {
    const { first } = await twice(engine({ ...pages, '/health': status(503, 'LLM is unavailable.') }));
    expect(first).toMatchObject({ state: { kind: 'starting' }, engine: 'trtllm' });
    const port = await httpServer(always(503, ''));
    expect(await look(port, { process: 'trtllm-serve' })).toMatchObject({ engine: 'trtllm' });
  });
});
