/** The CSV of nvidia-smi, with whatever stands around it. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellNumber, cellText, parseCsv } from '#engine/probe/tools/csv.ts';

const asked = ['index', 'name', 'memory.used'];
const parse = (text: string) => parseCsv(text, asked, 'name');

describe('a table', () => {
  it('is read by its header, whatever the order of its columns and its line ends', () => {
    const text = 'memory.used [MiB], index, name\r\n12, 0, NVIDIA H100\r40, 1, A100\n';
    expect(parse(text).rows).toEqual([
      { 'memory.used': '12', index: '0', name: 'NVIDIA H100' },
      { 'memory.used': '40', index: '1', name: 'A100' },
    ]);
  });

  it('without a header has the columns that were asked for', () => {
    expect(parse('0, NVIDIA H100, 12').rows).toEqual([
      { index: '0', name: 'NVIDIA H100', 'memory.used': '12' },
    ]);
  });

  it('may have commas in its names, and in nothing else', () => {
    expect(parse('0, python, -c, run, 12').rows).toEqual([
      { index: '0', name: 'python, -c, run', 'memory.used': '12' },
    ]);
    expect(parseCsv('0, x, y, 12', asked, 'gone').rows).toEqual([]);
  });

  it('has messages between its rows, before and after', () => {
    const text = 'WARNING: infoROM is corrupted\nindex, name, memory.used [MiB]\n0, A, 1\nNo devices\n';
    const { rows, others } = parse(text);
    expect(rows).toHaveLength(1);
    expect(others).toEqual(['WARNING: infoROM is corrupted', 'No devices']);
  });

  it('has at most 4096 rows and messages', () => {
    const { rows, others } = parse(`${'0, A, 1\nnone\n'.repeat(10_000)}`);
    expect(rows.length + others.length).toBe(4096);
  });

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
        for (const row of parse(text).rows) expect(Object.keys(row).length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('a cell', () => {
  it.each<[string | undefined, number | null]>([
    ['12', 12],
    ['-3', -3],
    ['70.5 W', 70.5],
    ['99 %', 99],
    ['81559MiB', 81_559],
    ['', null],
    ['[N/A]', null],
    ['ERR!', null],
    ['1e9', null],
    ['0x10', null],
    ['1234567890123', null],
    ['12 apples', null],
    [undefined, null],
  ])('%j is the number %j', (cell, number) => {
    expect(cellNumber(cell)).toBe(number);
  });

  it.each<[string | undefined, string | null]>([
    ['NVIDIA H100', 'NVIDIA H100'],
    ['[N/A]', null],
    ['N/A', null],
    ['[Not Supported]', null],
    ['[Insufficient Permissions]', null],
    ['', null],
    [undefined, null],
    ['N/A of mine', 'N/A of mine'],
  ])('%j is the text %j', (cell, text) => {
    expect(cellText(cell)).toBe(text);
  });
});
