import { describe, expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { HttpClient } from '#engine/models/http.ts';
import { createStuckWatch } from '#engine/models/stuck-watch.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

type Answer = number | AppError;

/** A server whose pages answer as the test says; what was asked is kept. */
function serverWith(answers: { health: Answer; '/v1/models'?: Answer }) {
  const asked: string[] = [];
  const client = {
    async get(path: string) {
      asked.push(path);
      const answer = path === '/health' ? answers.health : (answers['/v1/models'] ?? 200);
      if (answer instanceof AppError) throw answer;
      return { status: answer };
    },
  } as unknown as HttpClient;
  return { client, asked: () => asked.splice(0), answers };
}

const { signal } = new AbortController();
const page = { path: '/health' };

describe('the health page of a server', () => {
  it('is asked every 30 s, and one that fails twice says that it is stuck', async () => {
    const clock = createFakeClock();
    const server = serverWith({ health: 503 });
    const watch = createStuckWatch({ page, clock });
    await watch.askHealth(server.client, signal);
    expect(server.asked()).toEqual([]);
    await clock.advance(30_000);
    await watch.askHealth(server.client, signal);
    expect([server.asked(), watch.state()]).toEqual([['/health', '/v1/models'], null]);
    // Sooner after a failure.
    await clock.advance(10_000);
    await watch.askHealth(server.client, signal);
    expect(watch.state()).toMatchObject({ kind: 'stuck' });
    server.answers.health = 200;
    await clock.advance(10_000);
    await watch.askHealth(server.client, signal);
    expect(watch.state()).toBeNull();
  });

  it('is asked no more where there is none', async () => {
    const clock = createFakeClock();
    const server = serverWith({ health: 404 });
    const watch = createStuckWatch({ page, clock });
    await clock.advance(30_000);
    await watch.askHealth(server.client, signal);
    await clock.advance(60_000);
    await watch.askHealth(server.client, signal);
    expect(server.asked()).toEqual(['/health']);
  });

  it('that generates a token is left alone while nothing looks stuck', async () => {
    const clock = createFakeClock();
    const server = serverWith({ health: 200 });
    const watch = createStuckWatch({ page: { ...page, generates: true }, clock });
    await clock.advance(60_000);
    await watch.askHealth(server.client, signal);
    expect(server.asked()).toEqual([]);
  });

  it('says nothing where the server lists no models either: it is down', async () => {
    const clock = createFakeClock();
    const silent = new AppError('server-timeout');
    const server = serverWith({ health: silent, '/v1/models': silent });
    const watch = createStuckWatch({ page, clock });
    for (let round = 0; round < 3; round += 1) {
      await clock.advance(30_000);
      await watch.askHealth(server.client, signal);
    }
    expect(watch.state()).toBeNull();
  });

  it('throws what says nothing of the server', async () => {
    const clock = createFakeClock();
    const server = serverWith({ health: new AppError('connection-lost') });
    const watch = createStuckWatch({ page, clock });
    await clock.advance(30_000);
    await expect(watch.askHealth(server.client, signal)).rejects.toThrow(AppError);
    expect(watch.state()).toBeNull();
  });
});
