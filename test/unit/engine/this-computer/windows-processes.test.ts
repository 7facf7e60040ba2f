import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LocalProcess } from '#engine/this-computer/local-process.ts';
import { createProcessLister, isSshCommand } from '#engine/this-computer/process-list.ts';
import { parseSshCommand } from '#engine/this-computer/ssh-arguments.ts';
import { parseWindowsProcesses, splitCommandLine } from '#engine/this-computer/windows-processes.ts';
import { runs } from '../../../support/runs.ts';

const row = (pid: number, args: string | null, rest: object = {}) => ({
  pid,
  parent: 4,
  start: 1_800_000_000_123,
  args,
  ...rest,
});

describe('the processes of Windows', () => {
  it('are read with their start, their parent and their command line', () => {
    const text = JSON.stringify([
      row(4242, 'ssh  -N -L 8000:localhost:9000 gpu1'),
      row(4243, '"C:\\Program Files\\Git\\usr\\bin\\ssh.exe" -N gpu2', { start: null, parent: 4242 }),
      row(4244, 'notepad.exe "Grüße \u2013 ünïcode.txt"', { start: 0, parent: 0 }),
    ]);
    for (const printed of [text, `\uFEFF${text}\r\n`])
      expect(parseWindowsProcesses(printed)).toEqual([
        {
          pid: 4242,
          parentPid: 4,
          startedAt: 1_800_000_000_123,
          args: 'ssh  -N -L 8000:localhost:9000 gpu1',
        },
        {
          pid: 4243,
          parentPid: 4242,
          startedAt: null,
          args: '"C:\\Program Files\\Git\\usr\\bin\\ssh.exe" -N gpu2',
        },
        { pid: 4244, parentPid: 0, startedAt: null, args: 'notepad.exe "Grüße \u2013 ünïcode.txt"' },
      ]);
  });

  it('are unknown where PowerShell says something else', () => {
    for (const text of ['', 'Get-CimInstance : Zugriff verweigert', '[{"pid":1', '{"pid":1}', 'null', '7'])
      expect(parseWindowsProcesses(text)).toBeNull();
    expect(parseWindowsProcesses('[]')).toEqual([]);
  });

  it('are left out where an entry is not one, and cut where one is endless', () => {
    const entries = [
      null,
      7,
      [],
      row(0, 'ssh a'),
      row(-1, 'ssh a'),
      row(1.5, 'ssh a'),
      row(5, null),
      row(5, ' '),
    ];
    expect(parseWindowsProcesses(JSON.stringify(entries))).toEqual([]);
    const [long] = parseWindowsProcesses(JSON.stringify([row(9, 'x'.repeat(1_000_000))])) ?? [];
    expect(long?.args).toHaveLength(20_000);
  });

  it('never throw, whatever is printed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const found = parseWindowsProcesses(text);
        expect(found === null || Array.isArray(found)).toBe(true);
      }),
      runs(300),
    );
  });
});

/** As libuv and Python's list2cmdline put a command line together. */
function joined(words: readonly string[]): string {
  const quote = (word: string): string =>
    word !== '' && !/[\s"]/.test(word)
      ? word
      : `"${word.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
  return words.map(quote).join(' ');
}

describe('the words of a command line of Windows', () => {
  it.each([
    ['ssh', ['ssh']],
    ['ssh  -N\tgpu1 ', ['ssh', '-N', 'gpu1']],
    [
      String.raw`"C:\Program Files\OpenSSH\ssh.exe" -N gpu1`,
      [String.raw`C:\Program Files\OpenSSH\ssh.exe`, '-N', 'gpu1'],
    ],
    [
      String.raw`C:\Windows\System32\OpenSSH\ssh.exe -F C:\Users\me\.ssh\lab gpu1`,
      [String.raw`C:\Windows\System32\OpenSSH\ssh.exe`, '-F', String.raw`C:\Users\me\.ssh\lab`, 'gpu1'],
    ],
    ['ssh -o "LocalForward 8000 h:9000" gpu1', ['ssh', '-o', 'LocalForward 8000 h:9000', 'gpu1']],
    [String.raw`ssh "a\\" "b\"c" d\"e "" f`, ['ssh', 'a\\', 'b"c', 'd"e', '', 'f']],
    ['ssh a"b c"d', ['ssh', 'ab cd']],
    ['ssh "not closed', ['ssh', 'not closed']],
    ['', ['']],
  ])('%s', (line, words) => {
    expect(splitCommandLine(line)).toEqual(words);
  });

  it('are those that the line was made of', () => {
    const word = fc.string({ unit: fc.constantFrom('a', '\\', '"', ' ', '-', 'é') });
    fc.assert(
      fc.property(fc.array(word), (rest) => {
        expect(splitCommandLine(joined(['ssh.exe', ...rest]))).toEqual(['ssh.exe', ...rest]);
      }),
      runs(500),
    );
  });

  it('tell what an ssh forwards', () => {
    const line = String.raw`"C:\Program Files\Git\usr\bin\ssh.exe" -N -o "LocalForward 8001 localhost:9001" -L 8000:localhost:9000 gpu1`;
    expect(isSshCommand({ pid: 1, parentPid: 0, startedAt: null, args: line })).toBe(true);
    expect(parseSshCommand(splitCommandLine(line))).toMatchObject({
      program: 'ssh',
      destination: 'gpu1',
      forwards: [{ localPort: 8001 }, { localPort: 8000 }],
    });
    for (const args of ['"C:\\x\\sshd.exe" -D', 'sshd.exe', 'notepad.exe ssh', '"C:\\a b\\notssh.ex" ssh'])
      expect(isSshCommand({ pid: 1, parentPid: 0, startedAt: null, args })).toBe(false);
  });
});

describe('a list that costs a second', () => {
  const ssh = (pid: number): LocalProcess => ({ pid, parentPid: 1, startedAt: 5, args: 'ssh -N gpu1' });
  const lister = (found: readonly LocalProcess[] | null, reuse = true) => {
    let [time, count] = [0, 0];
    const list = async () => {
      count += 1;
      return found;
    };
    const made = createProcessLister({}, { list, reuse, now: () => time });
    const later = (ms: number): void => {
      time += ms;
    };
    return { list: made.list, later, count: () => count };
  };

  it('serves for some seconds, and not longer', async () => {
    const { list, later, count } = lister([ssh(process.pid)]);
    expect(await list()).toEqual([ssh(process.pid)]);
    later(9999);
    expect(await list()).toEqual([ssh(process.pid)]);
    expect(count()).toBe(1);
    later(1);
    await list();
    expect(count()).toBe(2);
  });

  it('is made anew when an ssh of it has ended, and when there was none', async () => {
    // No process has this id: it is above what Linux gives.
    const ended = lister([ssh(2 ** 30)]);
    const none = lister(null);
    const other = lister([ssh(process.pid)], false);
    for (const { list, count } of [ended, none, other]) {
      await list();
      await list();
      expect(count()).toBe(2);
    }
  });
});
