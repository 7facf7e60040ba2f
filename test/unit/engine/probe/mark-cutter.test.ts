/** Cutting a stream at its marks, in whatever pieces it comes. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMarkCutter } from '#engine/probe/mark-cutter.ts';

/** What is cut out of these pieces, and what is left. */
function cut(pieces: readonly (string | Uint8Array)[]) {
  const cutter = createMarkCutter('MARK');
  const found: [string, string][] = [];
  for (const piece of pieces) {
    cutter.append(Buffer.from(piece));
    for (let next = cutter.next(); next !== null; next = cutter.next())
      found.push([next.before.toString(), next.line]);
  }
  return { found, rest: cutter.rest().toString(), cutter };
}

describe('marks', () => {
  it('are lines that begin with the sentinel, in text that may look like it', () => {
    const { found, rest } = cut(['a\nMARKER b\nxMARK c\nMARK part 1\nrest']);
    expect([found, rest]).toEqual([[['a\nMARKER b\nxMARK c', 'part 1']], 'rest']);
  });

  it('are the same wherever the stream is cut', () => {
    const text = 'one\nMARK a 1\ntwo\nпять\n\nMARK b\nMARK\nlast';
    const whole = cut([text]);
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        const { found, rest } = cut(pieces);
        expect([found, rest]).toEqual([whole.found, whole.rest]);
      }),
    );
    expect(cut([...bytes].map((byte) => Uint8Array.of(byte))).found).toEqual(whole.found);
  });

  it('whose line does not end are empty ones, and end after 200 bytes', () => {
    expect(cut(['x\nMARK abc']).found).toEqual([]);
    const { found } = cut([`x\nMARK ${'y'.repeat(300)}`]);
    expect(found).toEqual([['x', '']]);
  });

  it('may stay out: what cannot belong to one any more is taken out, and the next is still found', () => {
    const { cutter } = cut([`${'z'.repeat(10_000)}\nMA`]);
    expect(cutter.next()).toBeNull();
    expect(cutter.takeUnmarked().toString()).toMatch(/^z+$/);
    expect(cutter.rest().length).toBeLessThan(10);
    cutter.append(Buffer.from('RK found\n'));
    expect(cutter.next()?.line).toBe('found');
    expect(cutter.rest().length).toBe(0);
  });

  it('are forgotten with the rest', () => {
    const { cutter } = cut(['a\nMARK b']);
    cutter.clear();
    cutter.append(Buffer.from(' c\n'));
    expect([cutter.next(), cutter.rest().toString()]).toEqual([null, ' c\n']);
  });
});
