import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameOf } from '../../../main/cli/live-frame.ts';
import { atTheTop, keysOf, type LiveState, press } from '../../../main/cli/live-keys.ts';
import { textWidth } from '../../../main/cli/text-width.ts';
import type { Row, View } from '../../../main/cli/view.ts';

const nowMs = 1_000_000_000;
const options = { rows: 10, columns: 90, progress: '', nowMs, colour: false };

const row = (host: string, used: number | null, model: string): Row => ({
  cells: [host, { text: used === null ? '–' : `${used} %`, value: used }, model],
});
const some = [row('h10', 5, 'Qwen'), row('h9', null, 'Llama'), row('h100', 90, 'gemma'), row('a', 20, '')];

const view = (rows: readonly Row[] = some): View => ({
  headline: 'Two hosts',
  main: {
    columns: [{ title: 'HOST', gives: 'name' }, { title: 'UTIL', align: 'right' }, { title: 'MODEL' }],
    rows,
    none: 'Nothing.',
  },
  notes: [],
  failed: {
    columns: [{ title: 'HOST' }, { title: 'NO ANSWER', gives: 'text' }],
    rows: [{ cells: ['away', 'refused'], under: [{ kind: 'sentence', text: 'Switch it on.' }] }],
    none: '',
  },
  measured: { newest: nowMs - 2000, oldest: nowMs - 40_000 },
});

/** What stands on the screen after these keys, and the state. */
function pressed(keys: string, shown = view(), size = options) {
  let state: LiveState = atTheTop;
  for (const key of keysOf(keys)) {
    const next = press(state, key, frameOf(shown, state, size).page);
    if (next === 'quit') return 'quit';
    state = next;
  }
  return frameOf(shown, state, size).lines;
}

const text = (lines: readonly string[] | 'quit') => (lines === 'quit' ? lines : lines.join('\n'));

/** The first words of the rows of the table. */
const hosts = (lines: readonly string[] | 'quit', count = 4) =>
  lines === 'quit' ? lines : lines.slice(3, 3 + count).map((line) => line.split(' ')[0]);

const many = view(Array.from({ length: 50 }, (_, at) => row(`host-${at}`, at, 'm')));
const [up, down, pageUp, pageDown, home, end] = [
  '\u001b[A',
  '\u001b[B',
  '\u001b[5~',
  '\u001b[6~',
  '\u001b[H',
  '\u001b[F',
];

describe('a live screen', () => {
  it('says when it was measured, and keeps titles and footer in their places', () => {
    const lines = pressed('', many);
    expect(lines).toHaveLength(10);
    expect(lines.slice(0, 3)).toEqual([
      'Two hosts',
      expect.stringMatching(/^Measured at \d\d:\d\d:\d\d, 2 s ago; the oldest 40 s ago$/),
      'HOST     UTIL  MODEL',
    ]);
    expect(lines.at(-1)).toMatch(/^1-5 of 54 {2}q quits/);
    expect(pressed('', { ...many, measured: null })[1]).toBe('Not measured yet.');
  });

  it.each([
    [down, 'host-1'],
    [`${down}${down}${up}`, 'host-1'],
    [up, 'host-0'],
    [pageDown, 'host-4'],
    [`${pageDown}${pageUp}`, 'host-0'],
    [' jk', 'host-4'],
    [`${end}${home}`, 'host-0'],
  ])('scrolls with %j', (keys, first) => expect(hosts(pressed(keys, many), 1)).toEqual([first]));

  it('scrolls as far as its last line, the way out of what failed', () => {
    expect(pressed(end, many).slice(-3)).toEqual([
      '  Switch it on.',
      '',
      expect.stringMatching(/^50-54 of 54/),
    ]);
    expect(pressed(end + down + down, many)).toEqual(pressed(end, many));
  });

  it('sorts by one column after the other, numbers from the most, and turns round', () => {
    expect(hosts(pressed(''))).toEqual(['h10', 'h9', 'h100', 'a']);
    expect(hosts(pressed('s'))).toEqual(['a', 'h9', 'h10', 'h100']);
    expect(pressed('s')[2]).toMatch(/^HOST↑ /);
    // What is not known is last, either way.
    expect(hosts(pressed('ss'))).toEqual(['h100', 'a', 'h10', 'h9']);
    expect(hosts(pressed('ssr'))).toEqual(['h10', 'a', 'h100', 'h9']);
    expect(pressed('ssr')[2]).toMatch(/ UTIL↑ /);
    expect(hosts(pressed('sss'))).toEqual(['h100', 'h9', 'h10', 'a']);
    expect(pressed('ssss')).toEqual(pressed(''));
    expect(pressed('S')).toEqual(pressed('sss'));
    expect(hosts(pressed('r'))).toEqual(['a', 'h100', 'h9', 'h10']);
  });

  it('filters by what is typed, letters first', () => {
    expect(hosts(pressed('/h1'), 2)).toEqual(['h10', 'h100']);
    expect(pressed('/h1').at(-1)).toMatch(/^\/h1▏/);
    // q, s and r are letters of it, and every word must be there.
    expect(hosts(pressed('/H1 QW'), 1)).toEqual(['h10']);
    expect(hosts(pressed('/q'), 1)).toEqual(['h10']);
    expect(hosts(pressed('/h1\r'), 2)).toEqual(['h10', 'h100']);
    expect(pressed('/h1\r').at(-1)).toMatch(/^\/h1 {2}q quits.*Esc all/);
    expect(pressed('/h1\rq')).toBe('quit');
    expect(pressed('/h1\r\u001b')).toEqual(pressed(''));
    expect(pressed('/h1\u001b')).toEqual(pressed(''));
    expect(pressed('/h1x\u007f')).toEqual(pressed('/h1'));
    expect(pressed('/x\u007f\u007f')).toEqual(pressed(''));
    expect(pressed('/h1\u0015')).toEqual(pressed('/'));
  });

  it('filters what failed too, and says where nothing is left', () => {
    expect(text(pressed('/AWAY'))).toContain('away  refused');
    expect(text(pressed('/h1'))).not.toContain('away');
    expect(pressed('/nowhere')[3]).toBe('No row has nowhere.');
  });

  it('takes nothing into the filter that cannot be seen', () => {
    expect(pressed('/h\u202e\u0007\u200b\u001b[C1')).toEqual(pressed('/h1'));
  });

  it.each(['q', 'Q', '\u0003', '/q\u0003'])('ends with %j', (keys) => expect(pressed(keys)).toBe('quit'));

  it('shows the progress of a scan in place of the keys', () => {
    expect(pressed('', view(), { ...options, progress: '45 %' }).at(-1)).toBe('1-5 of 8  45 %');
  });

  it('is never larger than the terminal, whatever comes and is pressed', () => {
    const text = fc
      .string({ unit: 'grapheme', maxLength: 60 })
      .map((each) => each.replace(/\p{C}/gu, '').trim());
    const rows = fc.array(
      fc.tuple(text, text).map(([host, model]) => row(host, 1, model)),
      { maxLength: 20 },
    );
    const keys = fc
      .array(fc.constantFrom(up, down, pageDown, end, 's', 'r', '/', 'a', '\r', '\u001b'))
      .map((each) => each.join(''));
    fc.assert(
      fc.property(
        rows,
        keys,
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 60 }),
        (table, typed, height, columns) => {
          const lines = pressed(typed, view(table), { ...options, rows: height, columns });
          expect(lines.length).toBeLessThanOrEqual(height);
          for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});
