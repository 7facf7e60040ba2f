import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createBody } from '#engine/gateway/body.ts';
import { usualLimits } from '#engine/gateway/body-limits.ts';
import { catalogueOf } from '#engine/gateway/catalogue.ts';
import { createBudget } from '#engine/gateway/held-bytes.ts';
import { createLoadBook } from '#engine/gateway/load-book.ts';
import { planOf } from '#engine/gateway/plan.ts';
import { forward, server, snapshot } from '../../../support/snapshot.ts';

const servers = ['gpu-01', 'gpu-02'].map((alias) => server(alias, 8000, ['org/m']));
const book = createLoadBook();

const forwards = [forward('gpu-02', 9000, { label: 'mine' })];

async function plan(text: string, host = '127.0.0.1:16000') {
  const stream = new PassThrough();
  const headers = { host, 'content-length': String(Buffer.byteLength(text)) };
  const request = Object.assign(stream, { url: '/v1/completions', headers }) as unknown as IncomingMessage;
  const deps = { budget: createBudget(1e9), limits: usualLimits, onFault: () => undefined };
  const body = createBody(request, deps);
  stream.end(text);
  const planned = await planOf(request, body, {
    catalogue: () => catalogueOf(snapshot({ servers })),
    scan: () => ({ kind: 'done', done: 2, total: 2, startedAt: 1, finishedAt: 2 }),
    forwards: () => forwards,
    stickiness: () => 'off',
    book,
  });
  return { planned, body: body.held().toString() };
}

it('a model goes to all that serve it, the least busy first, with its body unchanged', async () => {
  const [busy] = [...catalogueOf(snapshot({ servers })).values()][0]?.replicas ?? [];
  const end = busy === undefined ? () => undefined : book.begin(busy);
  const { planned, body } = await plan('{"model":"org/m"}');
  end();
  expect(planned).toMatchObject({
    name: 'org/m',
    order: [{ host: 'gpu-02' }, { host: 'gpu-01' }],
    path: '/v1/completions',
    grownBy: 0,
  });
  expect(body).toBe('{"model":"org/m"}');
});

it('a model of one host goes there alone, under the name that it has there', async () => {
  const { planned, body } = await plan('{"model":"gpu-02/org/m"}');
  expect(planned).toMatchObject({ name: 'gpu-02/org/m', order: [{ host: 'gpu-02' }], grownBy: -7 });
  expect('order' in planned && planned.order).toHaveLength(1);
  expect(body).toBe('{"model":"org/m"}');
});

it('why there is no plan names the model, where it was named', async () => {
  expect((await plan('{"model":"org/n"}')).planned).toMatchObject({ status: 404, name: 'org/n' });
  expect((await plan('{}')).planned).not.toHaveProperty('name');
});

it('a forward that the Host header names is the whole choice, whatever model the body names', async () => {
  const { planned, body } = await plan('{"model":"gpu-01/org/m"}', 'mine.localhost:16000');
  expect(planned).toMatchObject({
    name: 'mine.localhost',
    order: [{ host: 'gpu-02', port: 9000 }],
    grownBy: 0,
  });
  // It was not read for its model.
  expect(body).toBe('');
  expect((await plan('{}', 'other.localhost')).planned).toMatchObject({
    status: 404,
    name: 'other.localhost',
  });
});
