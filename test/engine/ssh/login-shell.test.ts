import { chmod } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLoginShellAgent } from '#engine/ssh/login-shell.ts';
import { type Folder, temporaryFolder } from '../../unit/engine/ssh/folder.ts';

describe.skipIf(process.platform === 'win32')("the login shell's agent", () => {
  let folder: Folder;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  const env = (rest: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    PATH: process.env.PATH,
    HOME: folder.path,
    SHELL: '/bin/sh',
    ...rest,
  });

  it('is found where the environment names none, whatever else the shell prints', async () => {
    await folder.write('.profile', 'echo "Welcome <agent:>"; export SSH_AUTH_SOCK="/run/agents/of me"\n');
    expect(await withLoginShellAgent(env())).toEqual(env({ SSH_AUTH_SOCK: '/run/agents/of me' }));
  });

  it('is not asked for where the environment names one', async () => {
    await folder.write('.profile', 'export SSH_AUTH_SOCK=/other\n');
    const own = env({ SSH_AUTH_SOCK: '/own' });
    expect(await withLoginShellAgent(own)).toBe(own);
  });

  it.each([
    ['names none', 'true'],
    ['fails', 'exit 1'],
  ])('changes nothing where the shell %s', async (_name, profile) => {
    await folder.write('.profile', `${profile}\n`);
    expect(await withLoginShellAgent(env())).toEqual(env());
  });

  it('changes nothing where there is no such shell', async () => {
    const shell = `${folder.path}/shell`;
    expect(await withLoginShellAgent(env({ SHELL: shell }))).toEqual(env({ SHELL: shell }));
    await folder.write('shell', 'not a program');
    await chmod(shell, 0o755);
    expect(await withLoginShellAgent(env({ SHELL: shell }))).toEqual(env({ SHELL: shell }));
  });
});
