import { execFileSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAliases } from '#engine/ssh/config/config.ts';
import { walkConfig } from '#engine/ssh/config/config-walk.ts';
import { computeSubset } from '#engine/ssh/config/subset.ts';
import { describeFixtures } from '../../../support/fixtures.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { runs } from '../../../support/runs.ts';

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

/** Names and problems of a configuration; the problems without the temporary folder's name. */
async function read(text: string): Promise<{ names: string[]; problems: string[] }> {
  const path = await folder.write('config', text);
  const { aliases, problems } = await readAliases(path, { home: folder.path });
  return {
    names: aliases.map(({ alias }) => alias),
    problems: problems.map(({ code, detail }) => `${code} ${detail.replaceAll(`${folder.path}/`, '')}`),
  };
}

describe('names', () => {
  it.each([
    ['several on a line, in order', 'Host b a c\n', ['b', 'a', 'c']],
    ['the first of duplicates', 'Host b\nHost a\nHost b\n', ['b', 'a']],
    ['no patterns', 'Host * !not web? gpu*\nHost real\n', ['real']],
    ['a bracket is itself', 'Host node[1-3]\n', ['node[1-3]']],
    ['nothing of Match', 'Match host m\nHost h\nMatch all\n', ['h']],
    ['keywords in any case', 'HOST a\nhOsT b\n', ['a', 'b']],
    ['equals signs', 'Host=a\nHost = b\nHost= c\nHost\t=\td\n', ['a', 'b', 'c', 'd']],
    ['an equals sign before the keyword', '=Host a\n = Host b\n==Host c\n="Host" d\n', ['a', 'b', 'd']],
    ['tabs and blanks around', '\tHost\ta \t b\t\n', ['a', 'b']],
    ['CRLF', 'Host a\r\n  HostName x\r\nHost b\r\n', ['a', 'b']],
    ['no newline at the end', 'Host a', ['a']],
    ['comments', '# Host x\nHost a # b c\n  #Host y\n', ['a']],
    ['a hash within a word', 'Host a#b\n', ['a#b']],
    ['quotes', 'Host "a" \'b\' c"d"e\n', ['a', 'b', 'cde']],
    ['other keywords that begin alike', 'HostName x\nHostKeyAlias y\n', []],
    ['an empty file', '', []],
  ])('%s', async (_, text, names) => {
    expect(await read(text)).toEqual({ names, problems: [] });
  });

  it('carry the group that a comment above their block names', async () => {
    const text = [
      '# group: train\n# Owned by vision.\n\nHost a b\n  Port 1\n',
      '# GROUP :  two words  \nHost c\n# group: late\n  Port 2\nHost d\n',
      '#group:\nHost e\n# group: first\n# group: last\nHost f\n# group: more\nInclude more\nHost g\n',
      '# group: again\nHost a d\n',
    ].join('');
    await folder.write('.ssh/more', 'Host h\n');
    const path = await folder.write('config', text);
    const { aliases } = await readAliases(path, { home: folder.path });
    expect(Object.fromEntries(aliases.map(({ alias, group }) => [alias, group]))).toEqual({
      a: 'train',
      b: 'train',
      c: 'two words',
      d: 'again',
      e: null,
      f: 'last',
      h: null,
      g: null,
    });
  });

  it('carry the file and line where they stand first', async () => {
    const included = await folder.write('.ssh/more', '\n\nHost b\n');
    const path = await folder.write('config', 'Host a\nInclude more\nHost b\n');
    const { aliases, files, includes } = await readAliases(path, { home: folder.path });
    expect(aliases).toEqual([
      { alias: 'a', file: path, line: 1, group: null },
      { alias: 'b', file: included, line: 3, group: null },
    ]);
    expect(files).toEqual([path, included]);
    expect(includes).toEqual([included]);
  });

  it('are none without a configuration, and that is no problem', async () => {
    expect(await readAliases(join(folder.path, 'none'), {})).toEqual({
      aliases: [],
      files: [join(folder.path, 'none')],
      includes: [],
      problems: [],
    });
  });
});

describe('Include', () => {
  it('follows globs, quotes, several patterns and ~, in sorted order', async () => {
    await folder.write('.ssh/conf.d/20-b', 'Host b\n');
    await folder.write('.ssh/conf.d/10-a', 'Host a\n');
    await folder.write('.ssh/conf.d/.hidden', 'Host hidden\n');
    await folder.write('.ssh/conf.d/folder/inner', 'Host inner\n');
    await folder.write('.ssh/with blank', 'Host blank\n');
    await folder.write('elsewhere', 'Host elsewhere\n');
    const text = `Include conf.d/* "with blank" ~/elsewhere ${folder.path}/else[w]here\nHost last\n`;
    expect(await read(text)).toEqual({ names: ['a', 'b', 'blank', 'elsewhere', 'last'], problems: [] });
  });

  it('counts inside a Host block', async () => {
    await folder.write('.ssh/inside', 'Host inside\n');
    expect((await read('Host outer\n  Include inside\n')).names).toEqual(['outer', 'inside']);
  });

  it('that matches nothing is no problem', async () => {
    expect(await read('Include nothing-*\nInclude missing\nHost a\n')).toEqual({
      names: ['a'],
      problems: [],
    });
  });

  it('names its globs even when nothing is there yet', async () => {
    const path = await folder.write('config', 'Include conf.d/*\nInclude ~/later\nInclude ~nosuch-user/x\n');
    const { includes, problems } = await readAliases(path, { home: folder.path });
    const names = ['.ssh/conf.d/*', 'later', '.ssh/~nosuch-user/x'].map((name) => `${folder.path}/${name}`);
    expect({ includes, problems }).toEqual({ includes: names, problems: [] });
  });

  it('reads the home of another user', async () => {
    const path = await folder.write('config', 'Include ~root/nothing-there\n');
    const { includes, problems } = await readAliases(path, { home: folder.path });
    expect(problems).toEqual([]);
    expect(includes[0]).toMatch(
      process.platform === 'win32' ? /nothing-there$/ : /^\/\w+\/(\w+\/)?nothing-there$/,
    );
  });

  it('of very many names ends, with a problem', async () => {
    const { names, problems } = await read(`${'Include nothing\n'.repeat(100_000)}Host last\n`);
    expect(names).toEqual(['last']);
    expect(problems).toHaveLength(1);
  });

  it('of a file that cannot be read is one problem with file and line', async () => {
    await folder.write('.ssh/marker', '');
    const loop = join(folder.path, '.ssh', 'loop');
    await symlink('loop', loop);
    execFileSync('mkfifo', [join(folder.path, '.ssh', 'fifo')]);
    await folder.write('.ssh/huge', `Host huge\n${'#'.repeat(32_000_001)}`);
    expect(await read('Host a\nInclude loop\nInclude fifo\nInclude huge\nHost b\n')).toEqual({
      names: ['a', 'b'],
      problems: [
        'config-unreadable config:2: .ssh/loop cannot be read (ELOOP)',
        'config-unreadable config:3: .ssh/fifo is not a regular file',
        'config-unreadable config:4: .ssh/huge is larger than 32 MB',
      ],
    });
  });

  it('of itself is stopped, by whatever name', async () => {
    await folder.write('.ssh/one', 'Host one\nInclude two\nHost one-end\n');
    await folder.write('.ssh/two', 'Host two\nInclude ./../.ssh/one\n');
    expect(await read('Include one\nHost last\n')).toEqual({
      names: ['one', 'two', 'one-end', 'last'],
      problems: ['config-unreadable .ssh/two:2: .ssh/./../.ssh/one includes itself'],
    });
  });

  it('goes 16 levels deep, as ssh does', async () => {
    for (let depth = 1; depth <= 17; depth += 1)
      await folder.write(`.ssh/depth${depth}`, `Host d${depth}\nInclude depth${depth + 1}\n`);
    const { names, problems } = await read('Include depth1\nHost last\n');
    expect(names.slice(-3)).toEqual(['d15', 'd16', 'last']);
    expect(problems).toEqual([
      'config-unreadable .ssh/depth16:2: .ssh/depth17 is included more than 16 levels deep',
    ]);
  });

  it('of files that multiply ends, with a problem', async () => {
    for (let level = 0; level < 15; level += 1)
      await folder.write(`.ssh/level${level}`, `Include level${level + 1}\nInclude level${level + 1}\n`);
    await folder.write('.ssh/level15', 'Host deep\n');
    const { names, problems } = await read('Include level0\nHost last\n');
    expect(names).toEqual(['deep', 'last']);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('too much is included');
  });
});

describe('what is wrong', () => {
  it('costs one problem each and the rest goes on', async () => {
    expect(await read('Host\nHost "open\nHost "" a\nInclude\nInclude "open\nHost b\n')).toEqual({
      names: ['a', 'b'],
      problems: [
        'config-unreadable config:4: Include names no file',
        'config-unreadable config:5: a quote is not closed',
        'config-unreadable config:1: Host without a name',
        'config-unreadable config:2: a quote is not closed',
        'config-unreadable config:3: an empty host name',
      ],
    });
  });

  it('includes names that ssh would take for an option or refuses', async () => {
    expect(await read('Host -oProxyCommand=evil ok "two words" a\u0007b\n')).toEqual({
      names: ['ok'],
      problems: [
        'config-unreadable config:1: the host name -oProxyCommand=evil begins with a dash',
        'config-unreadable config:1: the host name "two words" has a blank or control character',
        'config-unreadable config:1: the host name "a b" has a blank or control character',
      ],
    });
  });

  it('is told in part when it is very much', async () => {
    const { problems } = await read('Host\n'.repeat(10_000));
    expect(problems.length).toBe(50);
  });
});

describe('any text', () => {
  const lines = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[Hh]ost[ =\t]{0,2}["'\\a-c*?! #-]{0,12}\r?$/),
    fc.constantFrom(
      'Include config',
      'Include *',
      'Include "[a-',
      'Include ~/.ssh/[!',
      'Match all',
      '\u0000',
    ),
  );

  it('is read without an error, and gives only names that ssh can take', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(lines, { maxLength: 30 }), async (text) => {
        const path = await folder.write('.ssh/config', text.join('\n'));
        const { aliases } = await readAliases(path, { home: folder.path });
        for (const { alias } of aliases) expect(alias).toMatch(/^[^-\s*?!][^\s*?!]*$/);
        expect(new Set(aliases.map(({ alias }) => alias)).size).toBe(aliases.length);
      }),
      runs(200),
    );
  });

  it('in files that include each other ends, with every block closed and nothing read out of order', async () => {
    const names = ['a', 'b', 'c', 'd/a', 'd/b'];
    const include = fc
      .array(
        fc.constantFrom(...names, '*', 'd/*', '?', '[a-b]', '[!c]', '~/.ssh/a', '*/*', 'missing', '"b"'),
        {
          minLength: 1,
          maxLength: 3,
        },
      )
      .map((patterns) => `Include ${patterns.join(' ')}`);
    const file = fc.array(fc.oneof(include, fc.constantFrom('Host x', 'Match all', 'Include', 'Port 1')), {
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(fc.tuple(file, file, file, file, file), async (texts) => {
        await Promise.all(texts.map((text, index) => folder.write(`.ssh/${names[index]}`, text.join('\n'))));
        const walk = await walkConfig(join(folder.path, '.ssh/a'), { home: folder.path });
        let depth = 0;
        for (const { kind } of walk.items) {
          depth += kind === 'enter' ? 1 : kind === 'leave' ? -1 : 0;
          expect(depth).toBeGreaterThanOrEqual(0);
          expect(depth).toBeLessThanOrEqual(17);
        }
        expect(depth).toBe(0);
        expect(new Set(walk.files).size).toBe(walk.files.length);
        expect(walk.problems.length).toBeLessThanOrEqual(50);
        computeSubset({ host: 'x', user: null, port: null }, [walk.items], {
          home: folder.path,
          env: {},
          localUser: 'me',
        });
      }),
      runs(60),
    );
  });
});

describeFixtures('ssh_config', (files) => {
  it.each(files.map((file) => [file.name, file]))(
    '%s has the names that a plain look finds',
    async (_, { text }) => {
      const plain = text
        .split(/\r?\n/)
        .flatMap((line) => /^\s*host[\s=]+(.*)$/i.exec(line)?.[1]?.replace(/(^|\s)#.*$/, '') ?? [])
        .flatMap((rest) => rest.split(/\s+/))
        .map((word) => word.replaceAll('"', ''))
        .filter((word) => word !== '' && !/[*?!]/.test(word));
      const { names, problems } = await read(text);
      expect(names).toEqual([...new Set(plain)]);
      // Some are for the ssh of a Mac; that is said where there is no host of whom it would be said.
      expect(problems.filter((problem) => !problem.includes('ssh refuses it'))).toEqual([]);
    },
  );
});
