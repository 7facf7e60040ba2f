import { spawnSync } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { userInfo } from 'node:os';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { walkConfig } from '#engine/ssh/config/config-walk.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { runs, runsTimeoutMs } from '../../../support/runs.ts';
import { sshMissing } from '../../../support/ssh-missing.ts';

const haveSsh = sshMissing() === null;
if (!haveSsh) console.warn('skipped: there is no ssh here to compare with; install openssh-client');
/** Hundreds of processes, on a computer that may be busy with others. */
const comparingMs = runsTimeoutMs(120_000);

const { homedir: home } = userInfo();

/** So deep that no glob leads out of it, to whatever files this computer has. */
const tree = '1/2/3/4/5/6/7/files';
/** Each says its own name, as an identity file. */
const names = [
  ...[
    'a',
    'b',
    'ab',
    'a-b',
    'B',
    '.a',
    '..a',
    '[a]',
    'a*',
    '!',
    '^',
    '-',
    ']',
    'a]b',
    'é',
    '1',
    '~',
    '{a,b}',
  ],
  ...['c/a', 'c/b', 'c/.d', 'c/.e/a', 'a.d/a', '.f/a', '.f/.g/b', 'c/c/c', 'with blank'],
  ...(process.platform === 'win32' ? [] : ['\\', 'a\\', '\\a', 'c:/a']),
];

describe.skipIf(!haveSsh)(
  'an Include names the same files for the walk as for ssh, in the same order:',
  () => {
    let folder: Folder;
    beforeAll(async () => {
      folder = await temporaryFolder();
      for (const name of names) {
        const file = await folder.write(
          `${tree}/${name}`,
          `IdentityFile "${name.replaceAll('\\', '\\\\')}"\n`,
        );
        // ssh refuses to include what others may write to.
        await chmod(file, 0o600);
      }
    });
    afterAll(() => folder.remove());

    /** As an argument that ssh reads as exactly this text. */
    const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

    /** The names that the files say, as ssh read them and as the walk did. */
    const compare = async (glob: string): Promise<{ theirs: string[]; ours: string[] }> => {
      const text = `Include ${quoted(`${folder.path}/${tree}/${glob}`)}\n`;
      const path = await folder.write('config', text);
      const { stdout, signal } = spawnSync('ssh', ['-F', path, '-G', 'x'], { encoding: 'utf8' });
      const theirs = [...stdout.matchAll(/^identityfile (.*)$/gm)].map(([, name = '']) => name);
      const { items, problems } = await walkConfig(path, { home });
      // Its glob(3) reads behind the end of a set such as [[:alpha:] and crashes.
      if (signal !== null) return { theirs: [], ours: items.slice(1).map(() => 'ssh crashes') };
      // With enough dots a glob comes to the configuration itself.
      if (stdout === '') return { theirs: [], ours: problems.length > 0 ? [] : ['ssh refuses it'] };
      const said = items.flatMap((item) =>
        item.kind === 'directive' && item.keyword === 'identityfile'
          ? [item.rest.replace(/^"|"$/g, '').replaceAll('\\\\', '\\')]
          : [],
      );
      // A second mention of a file adds nothing for ssh.
      return { theirs: theirs.includes('~/.ssh/id_rsa') ? [] : theirs, ours: [...new Set(said)] };
    };

    it.each([
      ...[
        '*',
        '.*',
        '.*/a',
        '.*/*',
        './a',
        '../files/a',
        '..',
        '*/../a',
        '.?',
        '..?',
        '.[.]*',
        '[.]a',
        '\\.a',
      ],
      ...[
        '\\.*',
        '*/.*',
        'c/.*/a',
        '.f/.*/b',
        '**',
        '*\\*',
        'a\\*',
        'a\\',
        '\\\\',
        '\\\\a',
        'a\\\\',
        '[\\a]',
        '[a\\-b]',
      ],
      ...[
        '[[]a[]]',
        '[]]',
        '[!]]',
        '[^]',
        '[!^]',
        '[a-]',
        '[!a-z]',
        '[b-a]',
        '[',
        '[a',
        '[]',
        '[!',
        '[!]',
        '[a]]b',
      ],
      ...[
        '[[:alpha:]]',
        '[![:alpha:]]',
        '[[:digit:]b]',
        '[[:nosuch:]a]',
        '[[:alpha:',
        '[[:alpha]',
        '[:alpha:]',
        '[[:alpha:]',
        '[a[:alpha:]',
        '[![:punct:]x',
        '[[:alpha:]-z',
        '[[:alpha:]/a',
      ],
      ...[
        '[[:upper:][:digit:]]',
        '[[.a.]]',
        '[[=a=]]',
        '?',
        '??',
        '[é]',
        '[é][é]',
        '?a',
        'c[/]a',
        'c[!x]a',
        '[c/]a',
      ],
      ...[
        'c\\/a',
        '*\\/a',
        'c//a',
        '*//*',
        'c/',
        'a/',
        '*/',
        'a/../a',
        'nothing/../a',
        '{a,b}',
        '~',
        'with*',
        'c:/*',
      ],
    ])('%s', async (glob) => {
      const { theirs, ours } = await compare(glob);
      expect(ours).toEqual(theirs);
    });

    const part = fc.constantFrom(
      ...[
        'a',
        'b',
        'c',
        '*',
        '?',
        '.',
        '..',
        '/',
        './',
        '../files/',
        '.*',
        '*/',
        '\\',
        '\\*',
        '-',
        '!',
        ']',
        '[',
      ],
      ...[
        '[ab]',
        '[!a]',
        '[a-c]',
        '[]a]',
        '[!]a]',
        '[\\]]',
        '[.]',
        '[!.]',
        '[[:alpha:]]',
        '[![:punct:]]',
        '[[:no:]]',
      ],
      ...['[:alpha:]', 'é', '{a,b}', '~', '^'],
    );

    it('any glob', { timeout: comparingMs }, async () => {
      let found = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 6 }), async (parts) => {
          const { theirs, ours } = await compare(parts.join(''));
          expect(ours).toEqual(theirs);
          if (theirs.length > 0) found += 1;
        }),
        { ...runs(150), examples: [[['.*', '/', 'a']], [['[', '[:alpha:]']]] },
      );
      expect(found).toBeGreaterThan(20);
    });
  },
);

describe('tokens and variables of an Include', () => {
  let folder: Folder;
  beforeAll(async () => {
    folder = await temporaryFolder();
    const { username } = userInfo();
    for (const name of [
      username,
      '%u',
      '%%u',
      'set',
      `\${SET}`,
      `\${UNSET}`,
      '%n',
      'x',
      '%h',
      '100%',
      '%q',
    ]) {
      const file = await folder.write(`files/${name}.conf`, `Host in-${name.replace('%', 'percent-')}\n`);
      await chmod(file, 0o600);
    }
  });
  afterAll(() => folder.remove());

  const env = { PATH: process.env.PATH, SET: 'set' };
  const patterns = ['%u', '%%u', `\${SET}`, `\${UNSET}`, `\${SET`, '%q', '100%', '%n', '[%]u', '%L-%l-%i-%d'];

  const read = async (pattern: string, ssh?: { expandsIncludes: () => Promise<boolean> }) => {
    const path = await folder.write('config', `Include ${folder.path}/files/${pattern}.conf\n`);
    const homeOf = async () => null;
    const { items, problems } = await walkConfig(path, {
      home,
      env,
      ...(ssh && { ssh: { ...ssh, homeOf } }),
    });
    const names = items.flatMap((item) =>
      item.kind === 'directive' && item.keyword === 'host' ? [item.rest] : [],
    );
    return { path, names, problems: problems.map(({ detail }) => detail.replace(/^.*\.conf is /, '')) };
  };

  it.each([
    ['%u', [`in-${userInfo().username}`], []],
    ['%%u', ['in-percent-u'], []],
    [`\${SET}`, ['in-set'], []],
    [`\${UNSET}`, [], [`passed over: \${UNSET} is not set`]],
    ['%n', [], ['passed over: %n depends on the host']],
    ['%q', [], ['refused by ssh, with everything else: %q is not known']],
    ['100%', [], ['refused by ssh, with everything else: %. is not known']],
  ])('%s, for an ssh that takes them', async (pattern, names, problems) => {
    expect(await read(pattern, { expandsIncludes: async () => true })).toMatchObject({ names, problems });
  });

  it.each(['%u', '%%u', `\${SET}`, '%n', '100%'])('%s, for one that does not', async (pattern) => {
    const { names, problems } = await read(pattern, { expandsIncludes: async () => false });
    expect({ names, problems }).toEqual({ names: [`in-${pattern.replace('%', 'percent-')}`], problems: [] });
  });

  it.skipIf(!haveSsh).each(patterns)('%s, as for the ssh that is installed', async (pattern) => {
    const { path, names, problems } = await read(pattern);
    const { stderr } = spawnSync('ssh', ['-v', '-F', path, '-T', '-G', 'x'], { encoding: 'utf8', env });
    const files = [...stderr.matchAll(/Reading configuration data (.*)\.conf\r?$/gm)].map(([, file = '']) =>
      file.replace(`${folder.path}/files/`, ''),
    );
    const theirs = files.map((file) => `in-${file.replace('%', 'percent-')}`);
    // What a host's own name leads to is in no list of all hosts, and said.
    const depends = problems.some((problem) => problem.includes('depends on the host'));
    expect(names).toEqual(depends ? [] : theirs);
  });
});
