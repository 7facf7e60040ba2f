import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Column, formatTable } from '../../../main/cli/table.ts';
import { cutToWidth, textWidth } from '../../../main/cli/text-width.ts';

const plain = { width: null, colour: false };

describe('the width of a text', () => {
  it.each([
    ['', 0],
    ['gpu-1', 5],
    ['Zürich', 6],
    ['Zu\u0308rich', 6],
    ['東京', 4],
    ['ｆｕｌｌ', 8],
    ['한국', 4],
    ['🚀', 2],
    ['👩‍🔬', 2],
    ['☎\ufe0f', 2],
    ['–', 1],
    ['█░', 2],
    ['עברית', 5],
  ])('of %j is %d', (text, width) => expect(textWidth(text)).toBe(width));

  it('is kept when a text is cut, without halving a character', () => {
    expect(cutToWidth('gpu-cluster', 5)).toBe('gpu-…');
    expect(cutToWidth('gpu-1', 5)).toBe('gpu-1');
    expect(cutToWidth('東京大学', 5)).toBe('東京…');
    expect(cutToWidth('東京大学', 4)).toBe('東…');
    expect(cutToWidth('👩‍🔬👩‍🔬', 3)).toBe('👩‍🔬…');
    expect(cutToWidth('abc', 0)).toBe('');
    expect(cutToWidth('abc', null)).toBe('abc');
  });

  it('never exceeds what a text is cut to', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, width) => {
        expect(textWidth(cutToWidth(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('a table', () => {
  const columns: readonly Column[] = [
    { title: 'HOST', flexible: true },
    { title: 'N', align: 'right' },
    { title: 'NAME', flexible: true },
  ];

  it('aligns its columns by what a terminal shows', () => {
    expect(
      formatTable(
        columns,
        [
          ['東京', '8', 'x'],
          ['gpu-1', '12', 'y'],
        ],
        plain,
      ),
    ).toEqual(['HOST    N  NAME', '東京    8  x', 'gpu-1  12  y']);
  });

  it('leaves out a column that says nothing', () => {
    expect(formatTable(columns, [['a', '', 'x']], plain)).toEqual(['HOST  NAME', 'a     x']);
    expect(formatTable(columns, [], plain)).toEqual([]);
  });

  it('takes what is too much from the widest texts', () => {
    const lines = formatTable(columns, [['a-long-host-name', '1', 'an-even-longer-name-than-that']], {
      width: 30,
      colour: false,
    });
    expect(lines).toEqual(['HOST          N  NAME', 'a-long-host…  1  an-even-long…']);
  });

  it('gives up columns from the right where nothing else helps', () => {
    const lines = formatTable(columns, [['a-long-host-name', '1', 'name']], { width: 8, colour: false });
    expect(lines).toEqual(['HOST', 'a-long-…']);
  });

  it('colours the text and not the space beside it', () => {
    const rows = [[{ text: 'up', colour: 'green' as const }, '1', 'x']];
    expect(formatTable(columns, rows, { width: null, colour: true })[1]).toBe(
      '\u001b[32mup\u001b[39m    1  x',
    );
    expect(formatTable(columns, rows, plain)[1]).toBe('up    1  x');
  });

  it('is never wider than the terminal', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.trim());
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell)), fc.integer({ min: 1, max: 100 }), (rows, width) => {
        for (const line of formatTable(columns, rows, { width, colour: false }))
          expect(textWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});
