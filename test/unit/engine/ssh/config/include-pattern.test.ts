import { describe, expect, it } from 'vitest';
import { type IncludePlace, readIncludePattern } from '#engine/ssh/config/include-pattern.ts';

const place = (expands: boolean, fields: Partial<IncludePlace> = {}): IncludePlace => ({
  home: '/home/me',
  folder: '/home/me/.ssh',
  env: { NAME: 'work' },
  ssh: {
    expandsIncludes: async () => expands,
    homeOf: async (user) => (user === 'bob' ? '/home/bob' : null),
  },
  ...fields,
});

describe('a pattern of an Include', () => {
  it.each([
    ['config.d/*', '/home/me/.ssh/config.d/*'],
    ['/etc/x', '/etc/x'],
    ['~/x', '/home/me/x'],
    ['~bob/x', '/home/bob/x'],
    // For ssh it is a name like any other.
    ['~eve/x', '/home/me/.ssh/~eve/x'],
    [`\${NAME}.conf`, '/home/me/.ssh/work.conf'],
  ])('%s is %s', async (pattern, text) => {
    expect(await readIncludePattern(pattern, place(true))).toEqual({ kind: 'text', text });
  });

  it('is taken literally by an ssh that does not expand it', async () => {
    expect(await readIncludePattern(`\${NAME}.conf`, place(false))).toEqual({
      kind: 'text',
      text: `/home/me/.ssh/\${NAME}.conf`,
    });
  });

  it('of the configuration for all users knows no home directory', async () => {
    const system = place(true, { folder: '/etc/ssh' });
    expect(await readIncludePattern('~/x', system)).toMatchObject({ kind: 'failed' });
    expect(await readIncludePattern('x', system)).toEqual({ kind: 'text', text: '/etc/ssh/x' });
  });
});
