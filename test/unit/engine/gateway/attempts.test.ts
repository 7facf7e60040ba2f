import { EventEmitter } from 'node:events';
import type { ClientRequest } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createAttempts } from '#engine/gateway/attempts.ts';
import type { Body } from '#engine/gateway/body.ts';
import type { Replica } from '#engine/gateway/catalogue.ts';
import { createLoadBook } from '#engine/gateway/load-book.ts';
import type { Asked, Upstreams } from '#engine/gateway/upstreams.ts';

/** What becomes of one request to a replica. */
type Outcome = number | { readonly error: string; readonly reused?: boolean };

const replica = (id: string) => ({ id, host: id, port: 8000, loads: [] }) as unknown as Replica;
const [a, b, c] = [replica('a'), replica('b'), replica('c')];

/** Asks replicas that do these things in turn; `asked` is who was asked, with `alone` for a channel of its own. */
async function attempt(
  outcomes: Readonly<Record<string, readonly Outcome[]>>,
  { canRepeat = true, order = [a, b, c] } = {},
) {
  const asked: string[] = [];
  const left = new Map(Object.entries(outcomes).map(([id, each]) => [id, [...each]]));
  const book = createLoadBook();
  const upstreams = {
    ask({ id }: Replica, { alone }: Asked) {
      asked.push(alone ? `${id} alone` : id);
      const outcome = left.get(id)?.shift() ?? 200;
      const request = Object.assign(new EventEmitter(), { reusedSocket: false, destroy: () => undefined });
      queueMicrotask(() => {
        request.emit('socket', new PassThrough());
        if (typeof outcome === 'number') {
          request.emit('response', { statusCode: outcome });
          return;
        }
        request.reusedSocket = outcome.reused ?? false;
        request.emit('error', Object.assign(new Error(outcome.error), { code: outcome.error }));
      });
      return request as unknown as ClientRequest;
    },
  } as unknown as Upstreams;
  const body = { canRepeat: () => canRepeat, sendTo: () => undefined, release: () => undefined };
  const result = await createAttempts({ upstreams, book })(order, {
    method: 'POST',
    body: body as unknown as Body,
    askedOf: () => ({ path: '/', headers: [] }),
    signal: new AbortController().signal,
  });
  if ('answer' in result) result.end();
  return {
    result,
    asked,
    doubtful: [a, b, c].filter((one) => book.weigh(one).isDoubtful).map(({ id }) => id),
  };
}

describe('a request', () => {
  it('goes to the first replica, and to no other where it answers', async () => {
    const { result, asked, doubtful } = await attempt({ a: [404] });
    expect(result).toMatchObject({ replica: a, retried: false, answer: { statusCode: 404 } });
    expect([asked, doubtful]).toEqual([['a'], []]);
  });

  it('goes to one other replica where the first fails, which is doubted then', async () => {
    const { result, asked, doubtful } = await attempt({ a: [{ error: 'ECONNREFUSED' }] });
    expect(result).toMatchObject({ replica: b, retried: true });
    expect([asked, doubtful]).toEqual([['a', 'b'], ['a']]);
  });

  it('has the 5xx of the last replica for an answer, and not that of the first', async () => {
    const { result, asked } = await attempt({ a: [500], b: [503] });
    expect(result).toMatchObject({ replica: b, answer: { statusCode: 503 } });
    expect(asked).toEqual(['a', 'b']);
  });

  it('that cannot be sent again has the 5xx of the first for an answer', async () => {
    const { result, asked } = await attempt({ a: [500] }, { canRepeat: false });
    expect(result).toMatchObject({ replica: a, answer: { statusCode: 500 } });
    expect(asked).toEqual(['a alone']);
  });

  it('over a channel that was just closed is asked once more of the same replica, over a new one', async () => {
    const { result, asked } = await attempt({ a: [{ error: 'ECONNRESET', reused: true }, 200] });
    expect(result).toMatchObject({ replica: a, retried: false });
    expect(asked).toEqual(['a', 'a alone']);
  });

  it('that no replica answers says why of each, and a third is not tried', async () => {
    const refused = { error: 'ECONNREFUSED' };
    const { result, asked } = await attempt({ a: [refused], b: [refused] });
    expect(result).toMatchObject([
      { replica: a, why: 'gave no answer: ECONNREFUSED' },
      { replica: b, why: 'gave no answer: ECONNREFUSED' },
    ]);
    expect(asked).toEqual(['a', 'b']);
  });
});
