import { describe, expect, it } from 'vitest';
import type { ServerState } from '#common/servers.ts';
import type { ScanState } from '#common/snapshot.ts';
import { catalogueOf } from '#engine/gateway/catalogue.ts';
import { routeTo, stickOf } from '#engine/gateway/routing.ts';
import { server, snapshot } from '../../../support/snapshot.ts';

const done: ScanState = { kind: 'done', done: 1, total: 1, startedAt: 1, finishedAt: 2 };
const route = (states: readonly ServerState[], scan: ScanState = done, name = 'm') => {
  const servers = states.map((state, at) => ({ ...server(`gpu-0${at}`, 8000, ['m']), state }));
  return routeTo(name, { catalogue: catalogueOf(snapshot({ servers })), scan });
};
const hostsOf = (found: ReturnType<typeof route>) =>
  'replicas' in found && found.replicas.map(({ host }) => host);
const up: ServerState = { kind: 'up' };
const lost: ServerState = { kind: 'lost', what: 'host', since: 1 };

describe('a model', () => {
  it('goes to servers that are up, and never to one that is asleep, locked, starting or stuck', () => {
    const others: readonly ServerState[] = [
      { kind: 'sleeping' },
      { kind: 'locked' },
      { kind: 'starting' },
      { kind: 'stuck', why: 'no-progress', since: 1 },
      lost,
    ];
    expect(hostsOf(route([...others, up]))).toEqual(['gpu-05']);
    expect(route(others.slice(0, -1))).toMatchObject({
      status: 503,
      code: 'model_unavailable',
      retryAfter: 5,
      details: {
        hosts: [
          { host: 'gpu-00', port: 8000, reason: 'is asleep' },
          { host: 'gpu-01', reason: expect.stringContaining('API key') },
          { host: 'gpu-02', reason: 'is still loading its model' },
          { host: 'gpu-03', reason: 'answers, and does no work' },
        ],
      },
    });
  });

  it('is asked of a host that seems lost only where there is no other', () => {
    expect(hostsOf(route([lost, { kind: 'sleeping' }]))).toEqual(['gpu-00']);
    expect(hostsOf(route([lost, up]))).toEqual(['gpu-01']);
  });

  it('that is unknown has the nearest names, but not before the first scan has ended', () => {
    expect(route([up], done, 'n')).toMatchObject({
      status: 404,
      param: 'model',
      details: { nearest: ['m'] },
    });
    const huge = route([up], done, 'x'.repeat(100_000));
    expect('message' in huge && huge.message.length).toBeLessThan(300);
    expect(route([], { kind: 'never' })).toMatchObject({ status: 503, retryAfter: 2 });
    expect(route([], { kind: 'running', done: 0, total: 1, startedAt: 1 })).toMatchObject({ status: 503 });
  });
});

it('requests belong together by their session or by how they begin, as the settings say', async () => {
  const request = { headers: { 'x-session-id': 'mine' } };
  const begins = (text: string) => async (bytes: number) => Buffer.from(text).subarray(0, bytes);
  expect(await stickOf(request, 'off', begins('a'))).toBeNull();
  expect(await stickOf(request, 'session', begins('a'))).toBe('mine');
  expect(await stickOf({ headers: {} }, 'session', begins('a'))).toBeNull();
  const prompt = 'p'.repeat(1024);
  const first = await stickOf(request, 'prefix', begins(`${prompt}one`));
  expect(first).toBe(await stickOf(request, 'prefix', begins(`${prompt}two`)));
  expect(first).not.toBe(await stickOf(request, 'prefix', begins(`q${prompt}`)));
  expect(await stickOf(request, 'prefix', begins(''))).toBeNull();
});
