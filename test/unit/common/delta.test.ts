import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDelta, difference } from '#common/delta.ts';
import { runs } from '../../support/runs.ts';
import { gpu } from '../../support/snapshot.ts';

/** What comes out at the other end of the wire. */
const sent = <T>(value: T): T => JSON.parse(JSON.stringify(value));

// Few names and values, so that two of them have much in common.
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0, 1, '', 'a', 'to'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom('a', 'b', 'to', 'in', 'gone', '0', '__proto__', 'constructor'),
      tie('value'),
      {
        maxKeys: 4,
        noNullPrototype: true,
      },
    ),
  ),
}));

describe('a delta', () => {
  it('carries from one value to another across the wire, and is absent exactly where they are equal', () => {
    fc.assert(
      fc.property(value, value, (before, after) => {
        const delta = difference(before, after);
        expect(delta === undefined).toBe(JSON.stringify(sorted(before)) === JSON.stringify(sorted(after)));
        if (delta !== undefined) expect(applyDelta(sent(before), sent(delta))).toEqual(after);
      }),
      runs(2000),
    );
  });

  it('names only the fields that changed, at whatever depth', () => {
    const before = { gpus: [gpu({ index: 0 }), gpu({ index: 1, uuid: 'GPU-1' })] };
    const after = { gpus: [before.gpus[0], gpu({ index: 1, uuid: 'GPU-1', utilPct: 97, powerW: 690.5 })] };
    expect(difference(before, after)).toEqual({
      in: { gpus: { in: { 1: { in: { utilPct: 97, powerW: 690.5 } } } } },
    });
  });

  it('leaves what has not changed the same object', () => {
    const before = { state: { kind: 'up' }, gpus: [gpu({ index: 0 }), gpu({ index: 1 })] };
    const after = applyDelta(before, {
      in: { gpus: { in: { 1: { in: { utilPct: 5 } } } } },
    }) as typeof before;
    expect(after.state).toBe(before.state);
    expect(after.gpus[0]).toBe(before.gpus[0]);
    expect(after.gpus[1]?.utilPct).toBe(5);
  });

  it('replaces a list whose length changed, and one of words', () => {
    expect(difference({ gpus: [{ a: 1 }] }, { gpus: [] })).toEqual({ in: { gpus: { to: [] } } });
    expect(difference(['a', 'b'], ['a', 'c'])).toEqual({ to: ['a', 'c'] });
    expect(difference(['a', 'b'], ['a', 'b'])).toBeUndefined();
  });

  it('takes fields away', () => {
    const before = { kind: 'stale', failure: { code: 'x' } };
    expect(difference(before, { kind: 'up' })).toEqual({ in: { kind: 'up' }, gone: ['failure'] });
    expect(applyDelta(before, { in: { kind: 'up' }, gone: ['failure'] })).toEqual({ kind: 'up' });
  });
});

/** With the names in order, which say nothing. */
function sorted(any: unknown): unknown {
  if (typeof any !== 'object' || any === null) return any;
  if (Array.isArray(any)) return any.map(sorted);
  const fields = Object.entries(any).sort(([a], [b]) => (a < b ? -1 : 1));
  return { fields: fields.map(([name, its]) => [name, sorted(its)]) };
}
