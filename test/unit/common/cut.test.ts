import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutEnd, cutName, lastPart, nameParts } from '#common/cut.ts';

describe('a name that is too long', () => {
  it.each([
    // Hosts that begin alike stay apart.
    ['gpu-cluster-a-node-001', 14, 'gpu-clu…de-001'],
    ['gpu-cluster-a-node-002', 14, 'gpu-clu…de-002'],
    // A port stays whole.
    ['gpu-cluster-a-node-001:8000', 16, 'gpu-c…e-001:8000'],
    ['[2001:db8::1234:5678]:11434', 16, '[2001…678]:11434'],
    // The last part of a path is what tells models apart.
    ['meta-llama/Llama-3.3-70B-Instruct', 30, 'meta-l…/Llama-3.3-70B-Instruct'],
    ['/data/models/qwen/Qwen3-32B', 14, '/da…/Qwen3-32B'],
    ['/data/models/qwen/Qwen3-32B', 11, '…/Qwen3-32B'],
    ['/data/models/qwen/Qwen3-32B', 8, 'Qwen…32B'],
    ['/data/models/qwen/', 8, '/dat…en/'],
    ['Qwen3-32B', 9, 'Qwen3-32B'],
    ['Qwen3-32B', 1, '…'],
    ['Qwen3-32B', 0, ''],
    ['a:80', 3, 'a:…'],
    ['👩‍🔬👩‍🔬👩‍🔬👩‍🔬', 3, '👩‍🔬…👩‍🔬'],
  ])('%j in %d is %j', (name, width, cut) => expect(cutName(name, width)).toBe(cut));

  it('is never wider than its room, by whatever measure', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[a-c/:.-]{0,30}(:\d{1,5})?$/));
    const wide = (part: string): number => 2 * Array.from(new Intl.Segmenter().segment(part)).length;
    fc.assert(
      fc.property(text, fc.nat(40), (name, width) => {
        for (const cut of [cutName, cutEnd]) {
          expect(wide(cut(name, width, wide))).toBeLessThanOrEqual(width);
        }
      }),
    );
  });

  it('keeps its port wherever there is room for that and a character', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z/-]{1,40}$/), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
        expect(cutName(`${host}:${port}`, 8).endsWith(`:${port}`)).toBe(true);
      }),
    );
  });
});

it('a sentence is cut at its end', () => {
  expect(cutEnd('The host refused the connection', 12)).toBe('The host re…');
  expect(cutEnd('The host', 8)).toBe('The host');
  expect(cutEnd('The host', 0)).toBe('');
});

describe('the two parts of a name', () => {
  it.each([
    ['h100-01:8000', 'h100', '-01:8000'],
    ['gpu-cluster-rack01-node17', 'gpu-cluster-rack0', '1-node17'],
    ['meta-llama/Llama-3.3-70B-Instruct', 'Llama-3.3-70B-', 'Instruct'],
    ['/data/models/llama/', 'lla', 'ma'],
    ['a', 'a', ''],
    ['', '', ''],
    // Written from right to left, they would stand the wrong way round.
    ['שלום-עולם-ארוך', 'שלום-עולם-ארוך', ''],
  ])('of %j are %j and %j', (name, head, tail) => expect(nameParts(name)).toEqual({ head, tail }));

  it('tell hosts apart that begin alike, and keep their port', () => {
    const tails = [...Array(20).keys()].map((at) => nameParts(`gpu-cluster-frankfurt-${at}:8000`).tail);
    expect(new Set(tails).size).toBe(20);
    for (const tail of tails) expect(tail).toMatch(/:8000$/);
  });

  it('are all of its last part, but for what no place has room for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (name) => {
        const { head, tail } = nameParts(name);
        expect(head + tail).toBe(lastPart(name));
      }),
    );
    expect(nameParts('x'.repeat(100_000)).head).toHaveLength(200);
  });
});
