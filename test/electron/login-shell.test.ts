import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLoginShell } from '../../main/electron/login-shell.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';

describe.skipIf(process.platform === 'win32')('the login shell', () => {
  let folder: Folder;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  // What launchd gives a program that is started from the Dock.
  const launchd = '/usr/bin:/bin:/usr/sbin:/sbin';
  const env = (rest: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    PATH: launchd,
    HOME: folder.path,
    SHELL: '/bin/sh',
    ...rest,
  });

  it('gives its agent where the environment names none, whatever else the shell prints', async () => {
    await folder.write('.profile', 'echo "Welcome <agent:>"; export SSH_AUTH_SOCK="/run/agents/of me"\n');
    expect(await withLoginShell(env())).toMatchObject({ SSH_AUTH_SOCK: '/run/agents/of me' });
  });

  it('leaves the agent that the environment names, and still gives its PATH', async () => {
    await folder.write('.profile', 'export SSH_AUTH_SOCK=/other PATH="/opt/tools/bin:$PATH"\n');
    // The system's own /etc/profile may set a PATH, too.
    expect(await withLoginShell(env({ SSH_AUTH_SOCK: '/own' }))).toMatchObject({
      SSH_AUTH_SOCK: '/own',
      PATH: expect.stringMatching(/^\/opt\/tools\/bin:.*\/usr\/sbin/),
    });
  });

  it('puts its folders in front, and keeps those of the environment', async () => {
    await folder.write('.profile', 'export PATH="/opt/homebrew/bin:/usr/bin:/bin"\n');
    const { PATH } = await withLoginShell(env({ PATH: '/only/here:/usr/bin' }));
    expect(PATH).toBe('/opt/homebrew/bin:/usr/bin:/bin:/only/here');
  });

  it('leaves the order of an environment that has all its folders, as in a terminal', async () => {
    await folder.write('.profile', 'export PATH="/usr/bin:/bin"\n');
    const { PATH } = await withLoginShell(env({ PATH: '/venv/bin:/bin:/usr/bin' }));
    expect(PATH).toBe('/venv/bin:/bin:/usr/bin');
  });

  it.each([
    ['zsh', '.zprofile', 'export PATH="/opt/tools/bin:$PATH" SSH_AUTH_SOCK=/run/agent\n'],
    ['bash', '.bash_profile', 'export PATH="/opt/tools/bin:$PATH" SSH_AUTH_SOCK=/run/agent\n'],
    [
      'fish',
      '.config/fish/config.fish',
      'set -gx PATH /opt/tools/bin $PATH\nset -gx SSH_AUTH_SOCK /run/agent\n',
    ],
    ['tcsh', '.login', 'setenv PATH "/opt/tools/bin:$PATH"\nsetenv SSH_AUTH_SOCK /run/agent\n'],
  ])('may be %s', async (name, file, text) => {
    const shell = ['/bin', '/usr/bin'].map((bin) => `${bin}/${name}`).find((path) => existsSync(path));
    if (shell === undefined) return console.log(`skipped: ${name} is not installed`);
    await folder.write(file, text);
    const given = await withLoginShell(env({ SHELL: shell }));
    expect(given.PATH?.split(':')[0]).toBe('/opt/tools/bin');
    expect(given.SSH_AUTH_SOCK).toBe('/run/agent');
  });

  it.each([
    ['fails', '/bin/sh', 'exit 1\n'],
    ['does not exist', '/nonexistent/shell', ''],
  ])('is replaced by the usual folders where it %s', async (_name, shell, profile) => {
    await folder.write('.profile', profile);
    expect(await withLoginShell(env({ SHELL: shell }), 'darwin')).toEqual(
      env({
        SHELL: shell,
        PATH: `${folder.path}/.local/bin:/opt/homebrew/bin:/opt/local/bin:/usr/local/bin:${launchd}`,
      }),
    );
  });

  it('is replaced where it is no program', async () => {
    const shell = `${folder.path}/shell`;
    await folder.write('shell', 'not a program');
    await chmod(shell, 0o755);
    const { PATH } = await withLoginShell(env({ SHELL: shell }), 'linux');
    expect(PATH).toBe(`${folder.path}/.local/bin:/usr/local/bin:${launchd}`);
  });

  it('does not exist on Windows', async () => {
    const own = env();
    expect(await withLoginShell(own, 'win32')).toBe(own);
  });
});
