import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LocalProcess } from '#engine/this-computer/local-process.ts';
import { isSameProcess, parseProcessList, withDescendants } from '#engine/this-computer/process-list.ts';
import { describeFixtures } from '../../../support/fixtures.ts';

const now = 1_800_000_000_000;
const parse = (text: string, before: readonly LocalProcess[] = [], userId = 1000) =>
  parseProcessList(text, { userId, now, before });

describe('the processes of the user', () => {
  it('as procps prints them', () => {
    const text = `      1       0     0  10-17:24:00 /sbin/init
   4242       1  1000       01:02 ssh -f -N -L 8000:localhost:9000 gpu1
  70001    4242  1000 1-02:03:04 /usr/bin/python3  -m vllm
  70002    4242  1001       00:01 ssh -N gpu2
  70003    4242  1000       00:01 [ssh] <defunct>
`;
    expect(parse(text)).toEqual([
      {
        pid: 4242,
        parentPid: 1,
        startedAt: now - 62_000,
        args: 'ssh -f -N -L 8000:localhost:9000 gpu1',
      },
      {
        pid: 70_001,
        parentPid: 4242,
        startedAt: now - (86_400 + 2 * 3600 + 3 * 60 + 4) * 1000,
        args: '/usr/bin/python3  -m vllm',
      },
    ]);
  });

  it('as macOS prints them', () => {
    const text = `  568     1   501 02-10:11:12 /Applications/My App.app/Contents/MacOS/My App -x
88001   568   501      00:09 ssh -N -L 8000:localhost:9000 gpu1
   77     1    -2      00:09 /usr/sbin/nobody
  401     1   501      00:00 (ssh) <defunct>
`;
    expect(parse(text, [], 501).map(({ pid, args }) => `${pid} ${args}`)).toEqual([
      '568 /Applications/My App.app/Contents/MacOS/My App -x',
      '88001 ssh -N -L 8000:localhost:9000 gpu1',
    ]);
  });

  it('keep the start that was computed first', () => {
    const [first] = parse('5 1 1000 00:10 ssh a');
    const later = { userId: 1000, now: now + 61_400, before: first === undefined ? [] : [first] };
    // The age is rounded down, and the answer took its time.
    expect(parseProcessList('5 1 1000 01:10 ssh a', later)).toEqual([first]);
    expect(parseProcessList('5 1 1000 00:20 ssh a', later)).not.toEqual([first]);
  });

  it('are read without a throw, whatever is printed', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.tuple(fc.nat(), fc.integer(), fc.string(), fc.string()).map((cells) => cells.join(' ')),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        for (const { pid, startedAt } of parse(lines.join('\n'))) {
          expect(Number.isSafeInteger(pid)).toBe(true);
          expect(startedAt === null || Number.isFinite(startedAt)).toBe(true);
        }
      }),
    );
  });
});

describe('two looks at a process id', () => {
  const shown: LocalProcess = { pid: 7, parentPid: 1, startedAt: now, args: 'ssh -N gpu1' };

  it('show one process where start and command line are the same', () => {
    expect(isSameProcess(shown, { ...shown, startedAt: now + 1500, parentPid: 9 })).toBe(true);
    expect(isSameProcess({ ...shown, startedAt: null }, { ...shown, startedAt: null })).toBe(true);
  });

  it.each([
    ['another id', { pid: 8 }],
    ['another command line', { args: 'ssh -N gpu2' }],
    ['a later start', { startedAt: now + 60_000 }],
    ['an unknown start', { startedAt: null }],
  ])('show another one by %s', (_what, fields) => {
    expect(isSameProcess(shown, { ...shown, ...fields })).toBe(false);
  });
});

it('follows what a process has started, also in a ring', () => {
  const list = [
    { pid: 2, parentPid: 1 },
    { pid: 4, parentPid: 3 },
    { pid: 3, parentPid: 2 },
    { pid: 5, parentPid: 1 },
    { pid: 6, parentPid: 6 },
  ].map((one) => ({ ...one, startedAt: null, args: '' }));
  expect([...withDescendants([2], list)].sort()).toEqual([2, 3, 4]);
  expect([...withDescendants([6, 9], list)].sort()).toEqual([6, 9]);
  expect(withDescendants([], list).size).toBe(0);
});

describeFixtures('tmux-ps', (files) => {
  it('has other columns, of which nothing is made up', () => {
    for (const { text } of files) expect(parse(text, [], 0)).toEqual([]);
  });
});
