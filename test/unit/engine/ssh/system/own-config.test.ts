/** The configuration for the user's ssh: what must hold stands first, and names of hosts mean only themselves. */

import { describe, expect, it } from 'vitest';
import { isOwnConfig, ownConfigText } from '#engine/ssh/system/own-config.ts';
import { resolvedHost } from '../../../../support/ssh/resolved-host.ts';

const text = (fields: Partial<Parameters<typeof ownConfigText>[0]> = {}, version: number | null = 909) =>
  ownConfigText({ route: [resolvedHost()], forwards: 'none', ...fields }, { version }, [
    '/home/me/.ssh/config',
  ]);
const lax = (alias: string) => {
  const host = resolvedHost({ alias });
  return { ...host, hostKeys: { ...host.hostKeys, strict: 'no' as const } };
};

describe('the configuration', () => {
  it('has what must hold above what the user has, of which the first value counts', () => {
    const lines = text().split('\n');
    const included = lines.indexOf('Include "/home/me/.ssh/config"');
    for (const line of [
      'BatchMode yes',
      'ForwardAgent no',
      'ForwardX11 no',
      'PermitLocalCommand no',
      'ClearAllForwardings yes',
    ])
      expect(lines.indexOf(line)).toBeLessThan(included);
    for (const line of ['BatchMode yes', 'ForwardAgent no']) expect(lines).toContain(line);
    expect(lines.indexOf('SendEnv -*')).toBeGreaterThan(included);
  });

  it('leaves forwards as they are where they are wanted', () => {
    expect(text({ forwards: 'as-configured' })).not.toContain('ClearAllForwardings');
  });

  it('names no option that an older release does not have', () => {
    expect(text({}, 705)).not.toMatch(/RemoteCommand|ForkAfterAuthentication|SetEnv/);
    expect(text({}, 708)).toMatch(/RemoteCommand none[\s\S]*SetEnv/);
    expect(text({}, null)).toContain('ForkAfterAuthentication no');
  });

  it('has a changed key refused, also where the user wants no check', () => {
    expect(text({ route: [lax('gpu1')] })).toMatch(
      /Host "gpu1"\nStrictHostKeyChecking accept-new\nMatch all/,
    );
    expect(text()).not.toContain('StrictHostKeyChecking');
  });

  it.each(['gpu*', '!gpu', 'a b', 'a"b', 'a\nForwardAgent yes', 'a,b', '#a'])(
    'checks all as strictly as can be where %j would mean more than a name',
    (alias) => {
      const written = text({ route: [lax(alias), lax('gpu1')] });
      expect(written).toContain('StrictHostKeyChecking yes');
      expect(written).not.toContain(alias);
    },
  );

  it('is known by its folder', () => {
    expect(isOwnConfig('/home/me/.ssh/config')).toBe(false);
    expect(isOwnConfig('config')).toBe(false);
  });
});
