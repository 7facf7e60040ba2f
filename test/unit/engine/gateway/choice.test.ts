import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Replica } from '#engine/gateway/catalogue.ts';
import { inOrder, type Weighed } from '#engine/gateway/choice.ts';
import { createLoadBook } from '#engine/gateway/load-book.ts';
import { aLoad } from '../../../support/samples.ts';

const replica = (id: string, load: Partial<typeof aLoad> | null = null): Replica => ({
  id,
  hostId: id,
  host: id,
  address: '127.0.0.1',
  port: 8000,
  state: { kind: 'up' },
  engine: 'vllm',
  loads: load === null ? [] : [{ ...aLoad, ...load }],
});
const weighed = (id: string, fields: Partial<Weighed> = {}): Weighed => ({
  replica: replica(id),
  load: 0,
  isDoubtful: false,
  usedAt: 0,
  ...fields,
});
const idsOf = (replicas: readonly Replica[]) => replicas.map(({ id }) => id);

describe('the order of replicas', () => {
  it('is least load, then the emptiest KV cache, then the quickest first token, then whose turn it is', () => {
    const quick = { p50Ms: 50, p95Ms: 90 };
    const slow = { p50Ms: 500, p95Ms: 900 };
    const all = [
      weighed('busy', { load: 3 }),
      weighed('full', { load: 1, replica: replica('full', { kvCachePct: 90, ttft: quick }) }),
      weighed('slow', { load: 1, replica: replica('slow', { kvCachePct: 10, ttft: slow }) }),
      weighed('quick', { load: 1, replica: replica('quick', { kvCachePct: 10, ttft: quick }), usedAt: 5 }),
      weighed('turn', { load: 1, replica: replica('turn', { kvCachePct: 10, ttft: quick }), usedAt: 4 }),
      weighed('doubtful', { isDoubtful: true }),
    ];
    expect(idsOf(inOrder(all, null))).toEqual(['turn', 'quick', 'slow', 'full', 'busy', 'doubtful']);
  });

  it('begins with the same one for the same text, which moves only when that one is away', () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(ids, fc.string(), fc.nat(), (names, text, at) => {
        const all = names.map((id) => weighed(id));
        const first = idsOf(inOrder(all, text))[0];
        expect(idsOf(inOrder([...all].reverse(), text))[0]).toBe(first);
        const other = names[at % names.length];
        if (other !== first)
          expect(
            idsOf(
              inOrder(
                all.filter((one) => one.replica.id !== other),
                text,
              ),
            )[0],
          ).toBe(first);
      }),
    );
  });

  it('spreads many texts over all, and leaves one that is far busier or doubtful', () => {
    const all = ['a', 'b', 'c'].map((id) => weighed(id));
    const count = { a: 0, b: 0, c: 0 };
    for (let n = 0; n < 600; n += 1) count[idsOf(inOrder(all, `session ${n}`))[0] as 'a'] += 1;
    for (const each of Object.values(count)) expect(each).toBeGreaterThan(120);
    const home = idsOf(inOrder(all, 'mine'))[0] ?? '';
    const with_ = (fields: Partial<Weighed>) =>
      all.map((one) => (one.replica.id === home ? { ...one, ...fields } : one));
    expect(idsOf(inOrder(with_({ load: 8 }), 'mine'))[0]).toBe(home);
    expect(idsOf(inOrder(with_({ load: 9 }), 'mine'))[0]).not.toBe(home);
    expect(idsOf(inOrder(with_({ isDoubtful: true }), 'mine'))[0]).not.toBe(home);
  });
});

describe('the load of a replica', () => {
  it('is what the metrics said, and the own requests since then', () => {
    const book = createLoadBook();
    const measured = replica('a', { running: 3, waiting: 2 });
    expect(book.weigh(replica('a')).load).toBe(0);
    const ends = [book.begin(measured), book.begin(measured)];
    book.sampled([measured]);
    // The two are among the five.
    expect(book.weigh(measured).load).toBe(5);
    ends.push(book.begin(measured));
    expect(book.weigh(measured).load).toBe(6);
    for (const end of ends) end();
    for (const end of ends) end();
    expect(book.weigh(measured).load).toBe(3);
    // A server that says nothing has at least the own ones.
    book.begin(replica('b'));
    expect(book.weigh(replica('b')).load).toBe(1);
  });

  it('is doubtful for a moment after it gave no answer', () => {
    let now = 100;
    const book = createLoadBook(() => now);
    book.doubt(replica('a'));
    expect(book.weigh(replica('a')).isDoubtful).toBe(true);
    now += 5000;
    expect(book.weigh(replica('a')).isDoubtful).toBe(false);
  });
});
