import { execFileSync, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  entriesFor,
  fingerprint,
  judgeHostKey,
  type KnownHostEntry,
  keyType,
  lookupName,
} from '#engine/ssh/trust/known-hosts.ts';
import { appendKnownHost, readKnownHosts } from '#engine/ssh/trust/known-hosts-file.ts';
import { describeFixtures } from '../../../support/fixtures.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { runs } from '../../../support/runs.ts';
import { hostKey, knownHostsLine as line } from '../../../support/ssh/host-keys.ts';

const ed = hostKey('ssh-ed25519', 1);
const otherEd = hostKey('ssh-ed25519', 2);

let folder: Folder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const haveKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined;
if (!haveKeygen) console.warn('skipped: there is no ssh-keygen here');

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
      runs(60),
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
