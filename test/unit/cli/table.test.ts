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
    ['8 × H100 → 16100…', 17],
    ['модель', 6],
    ['и\u0306', 1],
    ['‼\ufe0f', 2],
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
    { title: 'HOST', gives: 'text' },
    { title: 'N', align: 'right' },
    { title: 'NAME', gives: 'text' },
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

  it('cuts a name in its middle, and a text at its end', () => {
    const names: readonly Column[] = [{ title: 'NAME', gives: 'name' }];
    const line = (columns: readonly Column[], text: string) =>
      formatTable(columns, [[text]], { width: 12, colour: false })[1];
    expect(line(names, 'gpu-node-0001')).toBe('gpu-no…-0001');
    expect(line(names, 'gpu-node-0002:8000')).toBe('gpu…002:8000');
    expect(line([{ title: 'NAME', gives: 'text' }], 'gpu-node-0001')).toBe('gpu-node-00…');
  });

  it('gives a name the room of what can be spared, and no more of that than it needs', () => {
    const wide: readonly Column[] = [
      { title: 'MODEL', gives: 'name', enough: 12 },
      { title: 'ENGINE', spare: 2 },
      { title: 'VERSION', spare: 1 },
      { title: 'STATE' },
    ];
    const at = (width: number, model = 'org/model-70b') =>
      formatTable(wide, [[model, 'vllm', '0.11.0', 'Up']], { width, colour: false });
    expect(at(40)).toEqual(['MODEL          ENGINE  VERSION  STATE', 'org/model-70b  vllm    0.11.0   Up']);
    expect(at(30)).toEqual(['MODEL          ENGINE  STATE', 'org/model-70b  vllm    Up']);
    // One cell is cut rather than a column: it has enough.
    expect(at(27)).toEqual(['MODEL         ENGINE  STATE', 'o…/model-70b  vllm    Up']);
    expect(at(20)).toEqual(['MODEL          STATE', 'org/model-70b  Up']);
    // What is left out from the right leaves its room too.
    const narrow: readonly Column[] = [
      { title: 'HOST', gives: 'name' },
      { title: 'N' },
      { title: 'TEXT', gives: 'text' },
    ];
    expect(
      formatTable(narrow, [['gpu-node-01', '123456', 'some text']], { width: 20, colour: false }),
    ).toEqual(['HOST         N', 'gpu-node-01  123456']);
    // A name without end takes no column that a short one would leave.
    expect(at(40, 'm'.repeat(200))[0]).toMatch(/^MODEL +ENGINE +VERSION +STATE$/);
  });

  it('colours the text and not the space beside it', () => {
    const rows = [[{ text: 'up', colour: 'green' as const }, '1', 'x']];
    expect(formatTable(columns, rows, { width: null, colour: true })[1]).toBe(
      '\u001b[32mup\u001b[39m    1  x',
    );
    expect(formatTable(columns, rows, plain)[1]).toBe('up    1  x');
  });

  it('is never wider than the terminal', () => {
    const spared = columns.map((column, at): Column => ({ ...column, gives: 'name', enough: 20, spare: at }));
    const cell = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.trim());
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell)), fc.integer({ min: 1, max: 100 }), (rows, width) => {
        for (const each of [columns, spared])
          for (const line of formatTable(each, rows, { width, colour: false }))
            expect(textWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});
