import { describe, expect, test } from 'vitest';
import { engine, list, page } from '../../../support/model-servers.ts';
import { look, model, twice } from './looking.ts';

describe('Ollama', () => {
  const pages = {
    '/v1/models': list(
      { id: 'llama3:8b', owned_by: 'library' },
      { id: 'hf.co/unsloth/gemma:Q4', owned_by: 'unsloth' },
    ),
    '/api/version': page({ version: '0.9.2' }),
    '/api/ps': page({
      models: [{ name: 'hf.co/unsloth/gemma:Q4', model: 'hf.co/unsloth/gemma:Q4', context_length: 4096 }],
    }),
  };

  test('tells what is loaded, and how, each time', async () => {
    const standIn = engine(pages);
    const { port, first, second, askedFirst, askedAgain } = await twice(standIn);
    expect(first).toMatchObject({
      state: { kind: 'up' },
      engine: 'ollama',
      version: '0.9.2',
      models: [model('hf.co/unsloth/gemma:Q4', 4096), model('llama3:8b')],
    });
    expect(askedFirst).toEqual(['/v1/models', '/api/version', '/api/ps']);
    expect(second).toEqual(first);
    expect(askedAgain).toEqual(['/v1/models', '/api/ps']);
    standIn.set({ '/api/ps': page({ models: [{ name: 'llama3:8b', context_length: 8192 }] }) });
    expect(await look(port, { known: first ? [first] : [] })).toMatchObject({
      models: [model('llama3:8b', 8192), model('hf.co/unsloth/gemma:Q4')],
    });
  });

  test('with models from elsewhere only; another server with such names is not taken for it', async () => {
    const names = { '/v1/models': list({ id: 'unsloth/gemma:Q4', owned_by: 'unsloth' }) };
    const { first } = await twice(engine({ ...pages, ...names }));
    expect(first).toMatchObject({ engine: 'ollama', version: '0.9.2' });
    const other = await twice(engine(names));
    expect(other.first).toMatchObject({
      engine: 'openai',
      version: null,
      models: [model('unsloth/gemma:Q4')],
    });
  });

  test('without a model, and without the OpenAI-style list of newer releases', async () => {
    const none = await twice(engine({ ...pages, '/v1/models': page({ object: 'list', data: null }) }), {
      process: 'ollama',
    });
    expect(none.first).toMatchObject({ engine: 'ollama', version: '0.9.2', models: [] });
    const tags = page({ models: [{ name: 'llama3:8b', model: 'llama3:8b' }] });
    const old = await twice(
      engine(
        { '/api/tags': tags, '/api/version': page({ version: '0.1.20' }), '/api/ps': page({ models: [] }) },
        { status: 404, body: '404 page not found' },
      ),
      { process: 'ollama' },
    );
    expect(old.first).toMatchObject({ engine: 'ollama', version: '0.1.20', models: [model('llama3:8b')] });
    expect(old.askedAgain).toEqual(['/v1/models', '/api/tags', '/api/ps']);
  });
});
