import { execFileSync, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  appendKnownHost,
  entriesAbout,
  entriesFor,
  fingerprint,
  judgeHostKey,
  type KnownHostEntry,
  keyType,
  knownKeyTypes,
  lookupName,
  parseKnownHosts,
  readKnownHosts,
} from '#engine/ssh/known-hosts.ts';
import { bytesInUse } from '../../../memory.ts';
import { describeFixtures } from '../probe/fixtures.ts';
import { type Folder, temporaryFolder } from './folder.ts';

/** A key of any type in wire format; only its type and its bytes matter here. */
function key(type: string, fill: number): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(type.length);
  return Buffer.concat([head, Buffer.from(type), Buffer.alloc(32, fill)]);
}

const line = (hosts: string, blob: Buffer): string => `${hosts} ${keyType(blob)} ${blob.toString('base64')}`;
const parse = (...lines: string[]) => parseKnownHosts(lines.join('\n'), 'kh');

const ed = key('ssh-ed25519', 1);
const otherEd = key('ssh-ed25519', 2);
const rsa = key('ssh-rsa', 3);
const at22 = lookupName('Host.Example', 22, null);
const at2222 = lookupName('Host.Example', 2222, null);

let folder: Folder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const haveKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined;
if (!haveKeygen) console.warn('skipped: there is no ssh-keygen here');

describe('what concerns one host', () => {
  const lines = Array.from({ length: 1000 }, (_, n) => line(`[gpu]:${n}`, ed));

  it('is judged as all of it is, its bare name and its markers included', () => {
    const entries = parse(...lines, line('gpu', otherEd), `@revoked ${line('gpu', rsa)}`);
    const lookup = lookupName('gpu', 7, null);
    const about = entriesAbout(entries, lookup);
    expect(about.map(({ line: at }) => at)).toEqual([8, 1001, 1002]);
    for (const shown of [ed, otherEd, rsa])
      expect(judgeHostKey(about, lookup, shown)).toEqual(judgeHostKey(entries, lookup, shown));
  });

  it('does not keep the rest in memory', () => {
    const before = bytesInUse();
    const kept = lines
      .slice(100, 200)
      .map((_, n) => entriesAbout(parse(...lines), lookupName('gpu', 100 + n, null)));
    expect(bytesInUse() - before).toBeLessThan(1_000_000);
    expect(kept.flat()).toHaveLength(100);
  });
});

describe('a key', () => {
  it('is known under the lower-case name', () => {
    expect(judgeHostKey(parse(line('host.example', ed)), at22, ed)).toEqual({ kind: 'known' });
    expect(judgeHostKey(parse(line('HOST.example,10.0.0.1', ed)), at22, ed)).toEqual({ kind: 'known' });
  });

  it('on another port is known under name and port, or else under the bare name', () => {
    expect(at2222).toEqual({ name: '[host.example]:2222', fallback: 'host.example' });
    expect(judgeHostKey(parse(line('[host.example]:2222', ed)), at2222, ed).kind).toBe('known');
    expect(judgeHostKey(parse(line('host.example', ed)), at2222, ed).kind).toBe('known');
    expect(judgeHostKey(parse(line('host.example', otherEd)), at2222, ed).kind).toBe('unknown');
    const both = parse(line('[host.example]:2222', otherEd), line('host.example', ed));
    expect(judgeHostKey(both, at2222, ed).kind).toBe('changed');
  });

  it('is looked up under HostKeyAlias alone', () => {
    const alias = lookupName('host.example', 2222, 'The-Alias');
    expect(alias).toEqual({ name: 'the-alias', fallback: null });
    expect(judgeHostKey(parse(line('the-alias', ed)), alias, ed).kind).toBe('known');
    expect(judgeHostKey(parse(line('host.example', ed)), alias, ed).kind).toBe('unknown');
  });

  it('has changed when others are known, and the one of its type is named', () => {
    expect(
      judgeHostKey(parse('# c', line('host.example', rsa), line('host.example', otherEd)), at22, ed),
    ).toEqual({
      kind: 'changed',
      knownFingerprints: [`ssh-rsa ${fingerprint(rsa)}`, `ssh-ed25519 ${fingerprint(otherEd)}`],
      file: 'kh',
      line: 3,
    });
    expect(judgeHostKey(parse(line('host.example', rsa)), at22, ed).kind).toBe('changed');
  });

  it('is known when it is one of several', () => {
    expect(judgeHostKey(parse(line('host.example', rsa), line('*.example', ed)), at22, ed).kind).toBe(
      'known',
    );
  });

  it('is revoked whatever else is known', () => {
    const entries = parse(line('host.example', ed), `@revoked ${line('*', ed)}`);
    expect(judgeHostKey(entries, at22, ed)).toEqual({ kind: 'revoked', file: 'kh', line: 2 });
    const bare = parse(`@revoked ${line('host.example', ed)}`);
    expect(judgeHostKey(bare, at2222, ed).kind).toBe('revoked');
    expect(judgeHostKey(bare, at2222, otherEd).kind).toBe('unknown');
  });

  it('of an authority is no key of the host', () => {
    const entries = parse(`@cert-authority ${line('*.example', ed)}`);
    expect(judgeHostKey(entries, at22, ed)).toEqual({ kind: 'unknown', certAuthority: true });
    expect(knownKeyTypes(entries, at22)).toEqual([]);
  });

  it('is not known by a line that is negated, broken, of SSH 1 or marked in a way we do not know', () => {
    const broken = [
      line('*,!host.example', ed),
      'host.example ssh-ed25519',
      'host.example ssh-ed25519 AAAA',
      `host.example ssh-rsa ${ed.toString('base64')}`,
      'host.example 1024 35 1234567890',
      `@new ${line('host.example', ed)}`,
      `#${line('host.example', ed)}`,
      `|1|bad ${line('', ed)}`,
      `|2|c2FsdA==|aGFzaA== ${line('', ed).trim()}`,
    ];
    expect(judgeHostKey(parse(...broken), at22, ed)).toEqual({ kind: 'unknown', certAuthority: false });
  });
});

describe('known types', () => {
  it('come in the order of the file, from the bare name only when the other has none', () => {
    const entries = parse(
      line('[host.example]:2222', rsa),
      line('[host.example]:2222', ed),
      line('host.example', ed),
    );
    expect(knownKeyTypes(entries, at2222)).toEqual(['ssh-rsa', 'ssh-ed25519']);
    expect(knownKeyTypes(entries, at22)).toEqual(['ssh-ed25519']);
    expect(knownKeyTypes(entries, lookupName('host.example', 23, null))).toEqual(['ssh-ed25519']);
  });
});

describe('files', () => {
  it('that are missing, a folder or a device have no entries', async () => {
    const file = await folder.write('kh', `${line('a', ed)}\r\n`);
    const entries = await readKnownHosts([`${folder.path}/none`, folder.path, '/dev/null', file]);
    expect(entries).toMatchObject([{ hosts: 'a', type: 'ssh-ed25519', file, line: 1 }]);
  });

  it('are only ever appended to', async () => {
    const file = await folder.write('append', '# mine');
    await appendKnownHost(file, { name: '[Host.Example]:2222', key: ed, hash: false });
    await appendKnownHost(file, { name: 'host.example', key: rsa, hash: true });
    const lines = (await readFile(file, 'utf8')).split('\n');
    expect(lines.slice(0, 2)).toEqual(['# mine', line('[host.example]:2222', ed)]);
    expect(lines[2]).toMatch(/^\|1\|\S{28}\|\S{28} ssh-rsa /);
    expect(lines.slice(3)).toEqual(['']);
    const entries = await readKnownHosts([file]);
    expect(judgeHostKey(entries, at22, rsa).kind).toBe('known');
  });
});

describe.skipIf(!haveKeygen)('ssh-keygen', () => {
  it('prints the same fingerprint', async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${folder.path}/k`]);
    const blob = Buffer.from((await readFile(`${folder.path}/k.pub`, 'utf8')).split(' ')[1] ?? '', 'base64');
    const printed = execFileSync('ssh-keygen', ['-l', '-f', `${folder.path}/k`], { encoding: 'utf8' });
    expect(printed.split(' ')[1]).toBe(fingerprint(blob));
  });

  it.each([
    [
      'plain names in any case',
      'Host.Example,10.0.0.1 KEY',
      ['host.example', 'HOST.EXAMPLE', '10.0.0.1', 'host'],
    ],
    [
      'a port',
      '[h.example]:2222 KEY',
      ['[h.example]:2222', '[H.example]:2222', 'h.example', '[h.example]:22'],
    ],
    ['wildcards', '*.a,10.0.?.* KEY', ['x.a', 'x.y.a', 'a', '10.0.1.22', '10.0.11.2', '[x.a]:22']],
    ['a wildcard with port', '[*.a]:22* KEY', ['[x.a]:2222', '[x.a]:23', 'x.a']],
    ['negation', '*.a,!no.a KEY\n!*.b,*.b KEY\n!c KEY', ['x.a', 'no.a', 'x.b', 'c', 'd']],
    ['a bracket that is none', '[a KEY\n[a]:x,a] KEY', ['[a', '[a]:x', 'a]', 'a']],
    ['@revoked', 'a KEY\n@revoked * KEY\n@revoked b OTHER', ['a', 'b', 'c']],
    ['@cert-authority', '@cert-authority *.a,!b.a KEY', ['x.a', 'b.a']],
    [
      'markers that are none',
      '@unknown a KEY\n@revoked @revoked a KEY\n@revoked\n@ a KEY',
      ['a', '@revoked'],
    ],
    ['comments and blank lines', '# a KEY\n\n   \n \t a KEY # comment\n#a KEY', ['a', '#', '#a']],
    ['tabs', 'a\tTYPE\t\tBASE64\tcomment', ['a']],
    ['CRLF', 'a KEY\r\nb KEY comment\r\n\r\nc KEY\r', ['a', 'b', 'c']],
    ['lines that are cut short', 'a\nb TYPE\nc TYPE \nd TYPE #', ['a', 'b', 'c', 'd']],
    ['keys of SSH 1', 'a 1024 35 12345', ['a']],
    ['empty patterns', ',a,,b KEY', ['a', 'b']],
    ['IPv6', '::1,[fe80::1]:22,[::2]:2222 KEY', ['::1', '[::1]:22', '[fe80::1]:22', 'fe80::1', '[::2]:2222']],
    ['a form feed', '\fa KEY', ['a', '\fa']],
  ])('finds the same lines for %s', async (_, template, names) => {
    const [type, base64] = [keyType(ed), ed.toString('base64')];
    const text = template
      .replaceAll('KEY', `${type} ${base64}`)
      .replaceAll('OTHER', line('', otherEd).trim())
      .replaceAll('TYPE', type)
      .replaceAll('BASE64', base64);
    const file = await folder.write('sample-lines', `${text}\n`);
    const entries = await readKnownHosts([file]);
    for (const name of names)
      expect([name, entriesFor(entries, name.toLowerCase()).map(({ entry }) => entry.line)]).toEqual([
        name,
        foundLines(name, file),
      ]);
  });

  it('finds what it has hashed where we do, and what we have hashed where we put it', async () => {
    const names = ['one.example', '[two.example]:2222', '10.0.0.3', '[::1]:22', 'other.example'];
    const key = await generateKey('hashed');
    const text = names.slice(0, 4).map((name) => `${name} ${key}\n`);
    const file = await folder.write(
      'hashed-lines',
      `${text.join('')}*.wild,!no.wild ${key}\n@revoked x ${key}\n`,
    );
    execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
    await appendKnownHost(file, {
      name: 'Ours.Example',
      key: Buffer.from(key.split(' ')[1] ?? '', 'base64'),
      hash: true,
    });
    const entries = await readKnownHosts([file]);
    expect(entries.filter(({ hosts }) => hosts.startsWith('|1|')).length).toBe(5);
    for (const name of [...names, 'ours.example', 'a.wild', 'no.wild', 'x'])
      expect([name, entriesFor(entries, name).map(({ entry }) => entry.line)]).toEqual([
        name,
        foundLines(name, file),
      ]);
    expect(entriesFor(entries, 'ours.example')).toHaveLength(1);
  });

  it('reads several files, each with its own lines', async () => {
    const key = await generateKey('several');
    const first = await folder.write('first', `# nothing\na ${key}\n`);
    const second = await folder.write('second', `b ${key}\na ${key}\n`);
    const entries = await readKnownHosts([first, join(folder.path, 'missing'), second]);
    const found = entriesFor(entries, 'a').map(({ entry }) => `${entry.file}:${entry.line}`);
    const theirs = [first, second].flatMap((file) =>
      foundLines('a', file).map((number) => `${file}:${number}`),
    );
    expect(found).toEqual(theirs);
    expect(theirs).toHaveLength(2);
  });

  it('finds the same lines in random files', async () => {
    const part = fc.constantFrom('*', '?', 'a', 'b', 'A', '.', '!', '[', ']:2', '-', '10', ':', '|1|');
    const pattern = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(''));
    const hosts = fc.array(pattern, { minLength: 1, maxLength: 3 }).map((patterns) => patterns.join(','));
    const key = `${keyType(ed)} ${ed.toString('base64')}`;
    const entry = fc
      .tuple(fc.constantFrom('', '', '', ' ', '@revoked ', '@cert-authority  ', '@x ', '#'), hosts)
      .map(([marker, names]) => `${marker}${names} ${key}`);
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 12 }), async (lines) => {
        const file = await folder.write('random', lines.join('\n'));
        const entries = await readKnownHosts([file]);
        for (const name of ['a', 'ab', 'b.a', '[a]:2', '10.10'])
          expect([name, entriesFor(entries, name).map((found) => found.entry.line)]).toEqual([
            name,
            foundLines(name, file),
          ]);
      }),
      { numRuns: 60 },
    );
  });

  it('goes by a marker before a tab, which we do not: such a key is refused', async () => {
    const key = await generateKey('tab');
    const file = await folder.write('tab-lines', `a ${key}\n@revoked\ta ${key} comment\n`);
    const blob = Buffer.from(key.split(' ')[1] ?? '', 'base64');
    expect(foundLines('a', file)).toEqual([1]);
    expect(judgeHostKey(await readKnownHosts([file]), lookupName('a', 22, null), blob).kind).toBe('revoked');
  });

  describeFixtures('known_hosts', (files) => {
    it('finds the same lines for every name of every file, as it is and freshly hashed', async () => {
      const rows: string[] = [];
      const different: object[] = [];
      for (const { name, text } of files) {
        const plain = await folder.write(name, text);
        const hashed = await folder.write(`hashed-${name}`, text);
        execFileSync('ssh-keygen', ['-H', '-f', hashed], { stdio: 'ignore' });
        const names = namesToAsk(await readKnownHosts([plain]));
        for (const file of [plain, hashed]) {
          const entries = await readKnownHosts([file]);
          expect(entries.length).toBeGreaterThan(0);
          let found = 0;
          for (const host of names) {
            const ours = entriesFor(entries, host).map(({ entry }) => entry.line);
            const theirs = foundLines(host, file);
            if (ours.join() !== theirs.join()) different.push({ file: basename(file), host, ours, theirs });
            found += theirs.length;
          }
          const counts = `${String(entries.length).padStart(4)} lines  ${String(names.length).padStart(4)} names`;
          rows.push(`${basename(file).padEnd(45)} ${counts}  ${String(found).padStart(4)} found by both`);
        }
      }
      console.log(`known_hosts: entriesFor and ssh-keygen -F\n${rows.join('\n')}`);
      expect(different).toEqual([]);
    });
  });
});

/** Type and base64 of a new key. */
async function generateKey(name: string): Promise<string> {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder.path, name)]);
  return (await readFile(join(folder.path, `${name}.pub`), 'utf8')).split(' ').slice(0, 2).join(' ');
}

/** Every name that is not hashed, names that its patterns match, each with other ports, and some that may be hashed. */
function namesToAsk(entries: readonly KnownHostEntry[]): string[] {
  const patterns = entries.flatMap(({ hosts }) =>
    hosts.startsWith('|') ? [] : hosts.toLowerCase().split(','),
  );
  const names = patterns.map((pattern) => pattern.replace(/^!/, '').replace(/[*?]/g, 'x'));
  const bare = names.map((name) => /^\[(.+)\]:\d+$/.exec(name)?.[1] ?? name);
  const ports = bare.flatMap((name) => [`[${name}]:22`, `[${name}]:2222`]);
  const usual = [
    'github.com',
    'gitlab.com',
    'bitbucket.org',
    'localhost',
    '127.0.0.1',
    '::1',
    'nowhere.example',
  ];
  return [...new Set([...names, ...bare, ...ports, ...usual, '192.168.1.1', '[localhost]:2222'])];
}

/** `ssh-keygen -F` prints "# Host NAME found: line N" before every line it finds. */
function foundLines(name: string, file: string): number[] {
  const { stdout } = spawnSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' });
  return [...stdout.matchAll(/found: line (\d+)/g)].map(([, number]) => Number(number));
}

describe('any text', () => {
  it('is read and judged without an error', () => {
    const fields = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '@revoked',
        '@cert-authority',
        '|1|',
        '|1|a|b',
        '*',
        '!',
        ',',
        'ssh-ed25519',
        ed.toString('base64'),
      ),
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(fields, { maxLength: 6 }), { maxLength: 20 }),
        fc.uint8Array(),
        (lines, bytes) => {
          const entries = parseKnownHosts(lines.map((each) => each.join(' ')).join('\n'), 'kh');
          const verdict = judgeHostKey(entries, at2222, Buffer.from(bytes));
          expect(['known', 'unknown', 'changed', 'revoked']).toContain(verdict.kind);
          knownKeyTypes(entries, at2222);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never makes a key known that no line holds', () => {
    const words = fc.stringMatching(/^[ -~]{0,40}$/);
    fc.assert(
      fc.property(fc.array(words, { maxLength: 10 }), (lines) => {
        expect(judgeHostKey(parseKnownHosts(lines.join('\n'), 'kh'), at22, ed).kind).not.toBe('known');
      }),
    );
  });
});
