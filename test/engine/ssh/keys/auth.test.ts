import { once } from 'node:events';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppError } from '#common/failure.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import {
  type Agent,
  startAgent,
  startSilentAgent,
  startUnattendedAgent,
} from '../../../support/ssh/agents.ts';
import { output, poolFor, startTestSshd } from '../../../support/ssh/pool-for.ts';
import {
  generateKey,
  type HostOptions,
  publicKey,
  type Sshd,
  sshdAvailable,
  startSshd,
  writeSshConfig,
} from '../../../support/ssh/sshd.ts';

describe.skipIf(!sshdAvailable())('logging in to a real sshd', () => {
  let sshd: Sshd;
  let folder: Folder;
  let agent: Agent;
  let encrypted: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    encrypted = await generateKey(join(folder.path, 'encrypted'), 'ed25519', 'a passphrase');
    sshd = await startSshd({ config: ['MaxAuthTries 3'], authorizedKeys: [await publicKey(encrypted)] });
    agent = await startAgent(join(folder.path, 'agent.sock'));
  });
  afterAll(async () => {
    await agent?.stop();
    await sshd?.stop();
    await folder?.remove();
  });

  const attempt = async (options: HostOptions, env: NodeJS.ProcessEnv = {}): Promise<string | AppError> => {
    const { IdentityFile: _file, IdentityAgent: _agent, ...host } = sshd.hostOptions();
    const configPath = await writeSshConfig(folder.path, [
      { alias: 'lab', options: { ...host, ...options } },
    ]);
    const pool = poolFor(configPath, {
      home: folder.path,
      env: { PATH: process.env.PATH, ...env },
    });
    try {
      const { transport } = await pool.get('lab');
      return await output(transport, 'echo in');
    } catch (error) {
      return error as AppError;
    } finally {
      await pool.dispose();
    }
  };

  it('takes a key file', async () => {
    expect(await attempt({ IdentityFile: sshd.clientKeyPath })).toBe('in\n');
  });

  it.each(['rsa', 'ecdsa'])('takes a key file of type %s', async (type) => {
    const key = await generateKey(join(folder.path, `key_${type}`), type);
    const other = await startTestSshd({ authorizedKeys: [await publicKey(key)] });
    const { Port, UserKnownHostsFile } = other.hostOptions();
    expect(
      await attempt({ Port: Port ?? 0, UserKnownHostsFile: UserKnownHostsFile ?? '', IdentityFile: key }),
    ).toBe('in\n');
  });

  it('takes a key of the agent that the environment names', async () => {
    await agent.holds([sshd.clientKeyPath]);
    expect(await attempt({}, { SSH_AUTH_SOCK: agent.socket })).toBe('in\n');
  });

  it('takes a key of the IdentityAgent, whatever the environment names', async () => {
    await agent.holds([sshd.clientKeyPath]);
    expect(await attempt({ IdentityAgent: agent.socket }, { SSH_AUTH_SOCK: '/nonexistent' })).toBe('in\n');
    expect(await attempt({ IdentityAgent: '$MY_AGENT' }, { MY_AGENT: agent.socket })).toBe('in\n');
  });

  it('asks no agent under IdentityAgent none', async () => {
    await agent.holds([sshd.clientKeyPath]);
    expect(await attempt({ IdentityAgent: 'none' }, { SSH_AUTH_SOCK: agent.socket })).toMatchObject({
      code: 'auth-no-key',
    });
  });

  it('goes on with files when the agent is not there', async () => {
    expect(await attempt({ IdentityFile: sshd.clientKeyPath }, { SSH_AUTH_SOCK: '/nonexistent' })).toBe(
      'in\n',
    );
  });

  it('goes on with files when the agent never answers, and lets go of it', async () => {
    const silent = await startSilentAgent(join(folder.path, 'silent.sock'));
    expect(await attempt({ IdentityFile: sshd.clientKeyPath }, { SSH_AUTH_SOCK: silent.socket })).toBe(
      'in\n',
    );
    await silent.close();
  });

  it('says so when the host hangs up before the agent has signed, and lets go of it', async () => {
    await agent.holds([sshd.clientKeyPath]);
    const hasty = await startTestSshd({
      config: ['LoginGraceTime 1'],
      authorizedKeys: [await publicKey(sshd.clientKeyPath)],
    });
    const unattended = await startUnattendedAgent(join(folder.path, 'unattended.sock'), agent);
    const { Port, UserKnownHostsFile } = hasty.hostOptions();
    const error = await attempt(
      { Port: Port ?? 0, UserKnownHostsFile: UserKnownHostsFile ?? '' },
      { SSH_AUTH_SOCK: unattended.socket },
    );
    expect(error).toMatchObject({
      code: 'auth-timeout',
      step: 'authenticate',
      detail: 'the agent did not sign before the host hung up',
    });
    expect(hasty.logText()).not.toContain('Accepted publickey');
    await unattended.close();
  });

  it('says so when an overfull agent uses up the tries, and what would help does', async () => {
    const wrong = await Promise.all(
      [1, 2, 3, 4].map((number) => generateKey(join(folder.path, `wrong_${number}`))),
    );
    await agent.holds([...wrong, sshd.clientKeyPath]);
    const env = { SSH_AUTH_SOCK: agent.socket };
    const error = (await attempt({}, env)) as AppError;
    expect(error.code).toBe('auth-too-many');
    expect(error.detail).toContain('tried agent key ssh-ed25519');
    expect(await attempt({ IdentityFile: `${sshd.clientKeyPath}.pub`, IdentitiesOnly: 'yes' }, env)).toBe(
      'in\n',
    );
    // As in OpenSSH, a key that the configuration names comes first even without IdentitiesOnly.
    expect(await attempt({ IdentityFile: sshd.clientKeyPath }, env)).toBe('in\n');
  });

  it('finds the agent key of an encrypted file that has no .pub beside it', async () => {
    const alone = join(folder.path, 'alone');
    await copyFile(encrypted, alone);
    await agent.holds([sshd.clientKeyPath]);
    const options = { IdentityFile: alone, IdentitiesOnly: 'yes', IdentityAgent: agent.socket };
    expect(await attempt(options)).toMatchObject({
      code: 'auth-locked',
      detail: expect.stringContaining('~/alone has a passphrase'),
    });
    await agent.add(encrypted, 'a passphrase');
    expect(await attempt(options)).toBe('in\n');
  });

  it('tells what was tried and what the host offers', async () => {
    const wrong = await generateKey(join(folder.path, 'wrong_alone'));
    const error = (await attempt({ IdentityFile: wrong, IdentityAgent: 'none' })) as AppError;
    expect(error).toMatchObject({ code: 'auth-failed', step: 'authenticate' });
    expect(error.detail).toContain('tried ~/wrong_alone');
    expect(error.detail).toContain('the host offers publickey');
  });

  it('tells when there is nothing to try', async () => {
    const missing = join(folder.path, 'never-made');
    expect(await attempt({ IdentityFile: missing })).toMatchObject({
      code: 'auth-no-key',
      detail: expect.stringMatching(/~\/never-made does not exist/),
    });
  });

  it('logs in once for everything it does', async () => {
    const configPath = await sshd.configPath(folder.path);
    const before = sshd.logText().split('Accepted publickey').length;
    const pool = poolFor(configPath);
    const { transport } = await pool.get('lab');
    for (const word of ['a', 'b', 'c']) expect(await output(transport, `echo ${word}`)).toBe(`${word}\n`);
    await pool.dispose();
    expect(sshd.logText().split('Accepted publickey').length - before).toBe(1);
  });
});

describe.skipIf(!sshdAvailable())('an account without a shell', () => {
  let folder: Folder;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder?.remove());

  it('gives what its ForceCommand says, for the probe to judge', async () => {
    const sshd = await startTestSshd({
      config: ['ForceCommand echo This account is currently not available.; exit 1'],
    });
    const pool = poolFor(await sshd.configPath(folder.path));
    const { transport } = await pool.get('lab');
    expect(await output(transport, 'echo never')).toBe('This account is currently not available.\n');
    await pool.dispose();
  });
});

/** sshd refuses an account through PAM by a banner and a close; PAM cannot be set up without root, so ssh2 plays it. */
describe('a server that refuses the account', () => {
  let folder: Folder;
  let key: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    key = await generateKey(join(folder.path, 'key'));
  });
  afterAll(() => folder?.remove());

  const attempt = async (banner: string): Promise<AppError> => {
    const hostKey = await generateKey(join(folder.path, `host-${banner.length}`), 'ecdsa');
    const server = new ssh2.Server({ hostKeys: [await readFile(hostKey)], ...(banner !== '' && { banner }) });
    server.on('connection', (client) => {
      client.on('error', () => undefined);
      client.on('authentication', () => client.end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const knownHosts = join(folder.path, 'known_hosts');
    await writeFile(knownHosts, `[127.0.0.1]:${port} ${await publicKey(hostKey)}\n`);
    const options = {
      HostName: '127.0.0.1',
      Port: port,
      IdentityFile: key,
      IdentityAgent: 'none',
      UserKnownHostsFile: knownHosts,
    };
    const pool = poolFor(await writeSshConfig(folder.path, [{ alias: 'node', options }]));
    const error = await pool.get('node').then(
      () => null,
      (reason: AppError) => reason,
    );
    await pool.dispose();
    server.close();
    await once(server, 'close');
    await rm(knownHosts);
    if (error === null) throw new Error('it let in');
    return error;
  };

  it('is told with its banner', async () => {
    expect(await attempt('Your account has expired.\r\nAsk the\u001b[31m helpdesk.\n')).toMatchObject({
      code: 'account-refused',
      step: 'authenticate',
      detail: 'Your account has expired. Ask the helpdesk.',
    });
  });

  it('is told as needing a job when Slurm says so', async () => {
    const banner = 'Access denied by pam_slurm_adopt: you have no active jobs on this node\n';
    expect(await attempt(banner)).toMatchObject({ code: 'needs-job', detail: banner.trim() });
  });

  it('is told even without a word', async () => {
    expect(await attempt('')).toMatchObject({ code: 'account-refused' });
  });
});
