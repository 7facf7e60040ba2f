import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AliasReading, readAliases } from '#engine/ssh/config/config.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { runs, runsTimeoutMs } from '../../../support/runs.ts';
import { sshMissing } from '../../../support/ssh-missing.ts';

const haveSsh = sshMissing() === null && process.platform !== 'win32';
if (!haveSsh) console.warn('skipped: there is no ssh here to compare with; install openssh-client');

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

async function read(bytes: Buffer): Promise<AliasReading & { path: string }> {
  const path = await folder.write('config', '');
  await writeFile(path, bytes);
  return { path, ...(await readAliases(path, { home: folder.path })) };
}

const text = 'Host a\n  Port 7\nHost b\n';
const utf16 = (plain: string, mark = '\ufeff'): Buffer => Buffer.from(mark + plain, 'utf16le');
const swapped = (plain: string, mark = '\ufeff'): Buffer => utf16(plain, mark).swap16();
const samples: readonly (readonly [string, Buffer, readonly string[], string | null])[] = [
  ['plain text', Buffer.from(text), ['a', 'b'], null],
  ['UTF-16, as PowerShell writes it', utf16(text), [], ':1: it is written in UTF-16'],
  ['UTF-16 with CRLF', utf16(text.replaceAll('\n', '\r\n')), [], ':1: it is written in UTF-16'],
  ['UTF-16 the other way round', swapped(text), [], ':1: it is written in UTF-16'],
  ['UTF-16 without a mark', utf16(text, ''), [], ':1: it is written in UTF-16'],
  ['the same the other way round', swapped(text, ''), [], ':1: it is written in UTF-16'],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`), ['a', 'b'], ':1: it begins with a byte order mark'],
  ['a NUL within', Buffer.from('Host a\nHost b\0c\n\0Host d\n'), ['a', 'b'], ':2: a NUL byte'],
  [
    'Latin-1',
    Buffer.from('Host a\n# b\u00fcro\nHost b\u00fcro\n', 'latin1'),
    ['a'],
    ':2: characters that are not UTF-8',
  ],
];

describe('a configuration in', () => {
  it.each(samples)('%s', async (_, bytes, names, problem) => {
    const { aliases, problems } = await read(bytes);
    expect(aliases.map(({ alias }) => alias)).toEqual(names);
    if (problem === null) expect(problems).toEqual([]);
    else expect(problems[0]?.detail).toContain(`config${problem}`);
  });
});

describe.skipIf(!haveSsh)('whatever ssh refuses and the walk finds empty', () => {
  const encoded = fc
    .tuple(
      fc.constantFrom('', '\ufeff'),
      fc.array(fc.constantFrom('Host a', '  Port 7', '# x', 'Host b c', ''), { minLength: 1, maxLength: 4 }),
      fc.constantFrom('\n', '\r\n'),
      fc.constantFrom('utf8', 'utf16le', 'utf16be'),
    )
    .map(([mark, lines, end, encoding]) => {
      const whole = mark + lines.map((line) => line + end).join('');
      return encoding === 'utf8'
        ? Buffer.from(whole)
        : encoding === 'utf16le'
          ? utf16(whole, '')
          : swapped(whole, '');
    });
  const binary = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes));
  const cut = fc
    .tuple(encoded, fc.nat(40), fc.uint8Array({ minLength: 1, maxLength: 3 }))
    .map(([bytes, at, more]) => Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]));

  it('is a problem with file and line', { timeout: runsTimeoutMs(60_000) }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(encoded, binary, cut), async (bytes) => {
        const { path, aliases, problems } = await read(bytes);
        const { status, stderr } = spawnSync('ssh', ['-F', path, '-T', '-G', 'a'], { encoding: 'utf8' });
        if (status === 0 || aliases.length > 0) return;
        expect([stderr, problems.map(({ detail }) => detail)]).toEqual([
          stderr,
          expect.arrayContaining([expect.stringMatching(/config:\d+: /)]),
        ]);
      }),
      { ...runs(80), examples: [[Buffer.from('=\u0001')]] },
    );
  });
});
