import { describe, expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { ModelServer } from '#common/servers.ts';
import type { Candidate } from '#engine/models/candidates.ts';
import type { HttpAnswer } from '#engine/models/http.ts';
import { type Described, describeServer } from '#engine/models/identify.ts';
import { server } from '../../../support/snapshot.ts';

const list = (owner: string, ...ids: readonly string[]): string =>
  JSON.stringify({ object: 'list', data: ids.map((id) => ({ id, object: 'model', owned_by: owner })) });

/** By path; a text is the body of a 200, and what is not named is a 404. */
type Site = Readonly<Record<string, string | Partial<HttpAnswer> | AppError>>;

const silent = new AppError('server-timeout', { step: 'models' });

interface Port {
  readonly known?: ModelServer;
  readonly candidate?: Partial<Candidate>;
}

/** What the site is taken for, and the paths it was asked for, in turn. */
async function describeSite(site: Site, { known, candidate }: Port = {}) {
  const asked: string[] = [];
  const client = {
    answered: true,
    close: () => undefined,
    async get(path: string): Promise<HttpAnswer> {
      asked.push(path);
      const found = site[path] ?? { status: 404, body: 'no such page' };
      if (found instanceof AppError) throw found;
      const answer = typeof found === 'string' ? { body: found } : found;
      return { status: 200, contentType: 'application/json', server: '', body: '', ...answer };
    },
  };
  const described: Described | AppError = await describeServer({
    client,
    candidate: {
      port: 8000,
      addresses: ['127.0.0.1'],
      expected: false,
      process: null,
      pid: null,
      ...candidate,
    },
    known: known ?? null,
    signal: new AbortController().signal,
  }).catch((error: AppError) => error);
  return { described, asked };
}

const vllmSite: Site = {
  '/v1/models': list('vllm', 'llama'),
  '/version': '{"version":"0.9.1"}',
  '/health': '',
};

describe('a server that is seen for the first time', () => {
  it('is the engine that its list names, with the version and the state that this one gives', async () => {
    const { described, asked } = await describeSite(vllmSite);
    expect(described).toMatchObject({ state: { kind: 'up' }, engine: 'vllm', version: '0.9.1' });
    expect(described).toMatchObject({ models: [{ id: 'llama' }] });
    expect(asked[0]).toBe('/v1/models');
    const loading = await describeSite({ ...vllmSite, '/health': { status: 503 } });
    expect(loading.described).toMatchObject({ state: { kind: 'starting' }, engine: 'vllm' });
  });

  it.each([
    ['the header of its answers', { server: 'llama.cpp' }, { process: 'vllm' }, 'llama.cpp'],
    ['its process', {}, { process: 'sglang::server' }, 'sglang'],
    ['nothing', {}, { process: 'python3' }, 'openai'],
  ])('is known by %s where its list names none', async (_by, header, candidate, engine) => {
    const site = { '/v1/models': { body: list('acme', 'llama'), ...header } };
    const { described } = await describeSite(site, { candidate });
    expect(described).toMatchObject({ engine });
  });

  it('is known by its usual port only where it lists nothing', async () => {
    const version = { '/api/version': '{"version":"0.5.0"}' };
    const candidate = { port: 11_434 };
    const empty = await describeSite({ '/v1/models': list(''), ...version }, { candidate });
    expect(empty.described).toMatchObject({ engine: 'ollama', version: '0.5.0', models: [] });
    const full = await describeSite({ '/v1/models': list('acme', 'llama'), ...version }, { candidate });
    expect(full.described).toMatchObject({ engine: 'openai', version: null });
  });

  it('is not asked for more after one question that was not answered in time', async () => {
    const { described, asked } = await describeSite({ ...vllmSite, '/version': silent });
    expect(described).toMatchObject({ state: { kind: 'up' }, engine: 'vllm', version: null });
    expect(asked).toEqual(['/v1/models', '/version']);
    // A question that it refuses is another matter.
    const refused = await describeSite({
      ...vllmSite,
      '/version': new AppError('server-error', { step: 'models' }),
    });
    expect(refused.asked).toContain('/health');
  });

  it('ends with the error of the connection when that is lost meanwhile', async () => {
    const { described } = await describeSite({ ...vllmSite, '/version': new AppError('connection-lost') });
    expect(described).toMatchObject({ code: 'connection-lost' });
  });
});

describe('a server that is known', () => {
  const known: ModelServer = { ...server('a', 8000, ['llama']), engine: 'vllm', version: '0.9.1' };

  it('is asked for its list alone while that is the same', async () => {
    const { described, asked } = await describeSite(vllmSite, { known });
    expect(described).toMatchObject({ state: { kind: 'up' }, engine: 'vllm', version: '0.9.1' });
    expect(asked).toEqual(['/v1/models']);
  });

  it.each([
    ['lists another model', { ...vllmSite, '/v1/models': list('vllm', 'qwen') }, known],
    ['lists one more', { ...vllmSite, '/v1/models': list('vllm', 'llama', 'qwen') }, known],
    ['is of another engine', { ...vllmSite, '/v1/models': list('sglang', 'llama') }, known],
    ['had not given its version', vllmSite, { ...known, version: null }],
    ['was starting', vllmSite, { ...known, state: { kind: 'starting' as const } }],
  ])('is looked at anew where it %s', async (_what, site, before) => {
    const { asked } = await describeSite(site, { known: before });
    expect(asked.length).toBeGreaterThan(1);
  });

  it('that slept is asked whether it still does', async () => {
    const asleep = { ...known, state: { kind: 'sleeping' as const } };
    const still = await describeSite(
      { ...vllmSite, '/is_sleeping': '{"is_sleeping":true}' },
      { known: asleep },
    );
    expect(still.described).toMatchObject({ state: { kind: 'sleeping' } });
    const awake = await describeSite(vllmSite, { known: asleep });
    expect(awake).toMatchObject({
      described: { state: { kind: 'up' } },
      asked: ['/v1/models', '/is_sleeping'],
    });
  });
});

describe('a server that wants a key', () => {
  const openAiError = '{"error":{"message":"Invalid API key"}}';

  it('is what answers the question for its version without one', async () => {
    const site = { ...vllmSite, '/v1/models': { status: 401, body: openAiError } };
    const { described } = await describeSite(site);
    expect(described).toEqual({ state: { kind: 'locked' }, engine: 'vllm', version: '0.9.1', models: [] });
  });

  it('is no model server where it refuses as other services do, unless one is expected there', async () => {
    const site = { '/v1/models': { status: 403, body: '<h1>Log in</h1>' } };
    expect((await describeSite(site)).described).toMatchObject({ code: 'server-not-openai' });
    const { described } = await describeSite(site, { candidate: { expected: true, process: 'vllm' } });
    expect(described).toMatchObject({ state: { kind: 'locked' }, engine: 'vllm', version: null });
  });

  it('stays what it was before it wanted one', async () => {
    const known: ModelServer = { ...server('a', 8000, ['llama']), engine: 'sglang', version: '0.4.6' };
    const { described, asked } = await describeSite({ '/v1/models': { status: 401 } }, { known });
    expect(described).toMatchObject({ state: { kind: 'locked' }, engine: 'sglang', version: '0.4.6' });
    expect(asked).toEqual(['/v1/models']);
  });
});

describe('a server that is not there yet', () => {
  it.each([
    ['its header', { server: 'llama.cpp' }, {}, 'llama.cpp'],
    ['what it says', { body: '{"error":{"message":"Loading model"}}' }, {}, 'llama.cpp'],
    ['its process', {}, { candidate: { process: 'vllm' } }, 'vllm'],
  ])('is known by %s', async (_by, answer, port, engine) => {
    const { described } = await describeSite({ '/v1/models': { status: 503, ...answer } }, port);
    expect(described).toEqual({ state: { kind: 'starting' }, engine, version: null, models: [] });
  });

  it('is none where nothing says which', async () => {
    const { described } = await describeSite({ '/v1/models': { status: 503, body: 'busy' } });
    expect(described).toMatchObject({ code: 'server-error', detail: 'status 503 busy' });
  });
});

describe('a release without the list', () => {
  const info = JSON.stringify({ model_id: 'llama', version: '1.4.0', max_total_tokens: 4096 });

  it('lists in its own way', async () => {
    const site = { '/v1/models': { status: 404, body: '' }, '/info': info, '/health': '' };
    const { described } = await describeSite(site);
    expect(described).toMatchObject({
      engine: 'tgi',
      version: '1.4.0',
      models: [{ id: 'llama', maxModelLen: 4096 }],
    });
  });

  it('is no model server where no engine knows it', async () => {
    const { described } = await describeSite({});
    expect(described).toMatchObject({ code: 'server-not-openai', detail: 'status 404 no such page' });
  });
});
