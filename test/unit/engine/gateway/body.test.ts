import type { ClientRequest, IncomingMessage } from 'node:http';
import { PassThrough, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Body, createBody } from '#engine/gateway/body.ts';
import type { ApiError } from '#engine/gateway/errors.ts';
import { createBudget } from '#engine/gateway/held-bytes.ts';
import { searchJson } from '#engine/gateway/model-in-json.ts';

const limits = { mostBytes: 1000, mostSearched: 400, mostRepeated: 100, silenceMs: 60_000 };

/** A body of a client that sends what the test writes. */
function incoming({ mostHeld = 10_000 } = {}) {
  const client = new PassThrough();
  const budget = createBudget(mostHeld);
  const faults: ApiError[] = [];
  const body: Body = createBody(client as unknown as IncomingMessage, {
    budget,
    limits,
    onFault: (error) => faults.push(error),
  });
  return { client, body, budget, faults };
}

/** A model server's end, with what has come there. */
function outgoing() {
  const chunks: Buffer[] = [];
  const end = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return {
    request: end as unknown as ClientRequest,
    text: () => Buffer.concat(chunks).toString(),
    whole: async () => {
      await finished(end);
      return Buffer.concat(chunks).toString();
    },
  };
}

// Streams need their own ticks.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('a body', () => {
  it('is read until its model is found; that is sent first, and then what comes', async () => {
    const { client, body } = incoming();
    client.write('{"model":"m",');
    const search = searchJson();
    expect(await body.search(search)).toBeNull();
    expect(search.state()).toEqual({ kind: 'found', name: 'm' });
    const server = outgoing();
    body.sendTo(server.request);
    client.end('"n":1}');
    expect(await server.whole()).toBe('{"model":"m","n":1}');
  });

  it('is sent once more from its beginning, and the request before gets no more of it', async () => {
    const { client, body } = incoming();
    const [first, second] = [outgoing(), outgoing()];
    client.write('begin');
    body.sendTo(first.request);
    await vi.waitFor(() => expect(first.text()).toBe('begin'));
    expect(body.canRepeat()).toBe(true);
    body.sendTo(second.request);
    client.end(' end');
    expect(await second.whole()).toBe('begin end');
    expect(first.text()).toBe('begin');
  });

  it('is not held beyond what may be sent again', async () => {
    const { client, body, budget } = incoming();
    const server = outgoing();
    body.sendTo(server.request);
    client.write('x'.repeat(90));
    await vi.waitFor(() => expect(server.text()).toHaveLength(90));
    expect([body.canRepeat(), budget.used()]).toEqual([true, 90]);
    client.end('y'.repeat(20));
    expect(await server.whole()).toHaveLength(110);
    expect([body.canRepeat(), budget.used()]).toEqual([false, 0]);
  });

  it('that names no model in its beginning is refused', async () => {
    const { client, body } = incoming();
    client.end(`{"prompt":"${'x'.repeat(500)}","model":"m"}`);
    expect(await body.search(searchJson())).toMatchObject({ status: 413, code: 'request_too_large' });
  });

  it('is refused where other requests hold all the room', async () => {
    const { client, body } = incoming({ mostHeld: 10 });
    client.end('{"prompt":"hello","model":"m"}');
    expect(await body.search(searchJson())).toMatchObject({ status: 503, retryAfter: 1 });
  });

  it('that is too large is cut off, and reported', async () => {
    const { client, body, faults } = incoming();
    const server = outgoing();
    body.sendTo(server.request);
    client.write('x'.repeat(900));
    await vi.waitFor(() => expect(server.text()).toHaveLength(900));
    client.write('x'.repeat(200));
    await vi.waitFor(() => expect(faults).toMatchObject([{ status: 413 }]));
    client.write('x');
    expect(server.text()).toHaveLength(900);
  });

  it('that stops coming is given up: in search of the model, and on its way', async () => {
    const searched = incoming();
    searched.client.write('{"prompt":');
    const refused = searched.body.search(searchJson());
    await vi.waitFor(() => expect(searched.budget.used()).toBeGreaterThan(0));
    vi.advanceTimersByTime(limits.silenceMs);
    expect(await refused).toMatchObject({ status: 408 });

    const sent = incoming();
    sent.body.sendTo(outgoing().request);
    vi.advanceTimersByTime(limits.silenceMs);
    expect(sent.faults).toMatchObject([{ status: 408 }]);
  });

  it('leaves neither bytes nor a timer behind', async () => {
    const { client, body, budget } = incoming();
    client.write('begin');
    await body.beginning(3);
    body.sendTo(outgoing().request);
    expect([budget.used(), vi.getTimerCount()]).toEqual([5, 1]);
    body.dispose();
    expect([budget.used(), vi.getTimerCount()]).toEqual([0, 0]);
  });
});
