import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { answer } from '#common/answer.ts';
import type { HostState } from '#common/hosts.ts';
import type { Prompt } from '#common/prompts.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor, noFace } from '../../support/engine-for.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import {
  generateKey,
  publicKey,
  type Sshd,
  sshdAvailable,
  startSshd,
  writeSshConfig,
} from '../../support/ssh/sshd.ts';
import { type LoginServer, startLoginServer } from './login-server.ts';

const secrets = { passphrase: 'planted-passphrase', password: 'planted-password', wrong: 'planted-wrong' };

describe.skipIf(!sshdAvailable())('logins through the engine', () => {
  let folder: Folder;
  let sshd: Sshd;
  let server: LoginServer;
  let engine: Engine;
  /** Everything that leaves the engine: log lines, patches, replies. */
  const traces: string[] = [];

  beforeAll(async () => {
    folder = await temporaryFolder();
    const locked = await generateKey(join(folder.path, 'locked'), 'ed25519', secrets.passphrase);
    sshd = await startSshd({ authorizedKeys: [await publicKey(locked)] });
    const hostKeyPath = await generateKey(join(folder.path, 'host'));
    server = await startLoginServer({ hostKeyPath, steps: ['password'], password: secrets.password });
    const sshConfigPath = await writeSshConfig(folder.path, [
      { alias: 'locked', options: { ...sshd.hostOptions(), IdentityFile: locked, IdentitiesOnly: 'yes' } },
      {
        alias: 'asks',
        options: {
          HostName: '127.0.0.1',
          Port: server.port,
          User: 'me',
          IdentityFile: 'none',
          IdentityAgent: 'none',
          StrictHostKeyChecking: 'no',
          UserKnownHostsFile: '/dev/null',
        },
      },
    ]);
    engine = engineFor(sshConfigPath, {
      log: (level, message) => traces.push(`${level}: ${message}`),
      home: folder.path,
    });
    engine.subscribe((patch) => traces.push(JSON.stringify(patch)));
    await engine.loadHosts();
    await engine.scan();
  });
  afterAll(async () => {
    await engine?.dispose();
    await server?.close();
    await sshd?.stop();
    await folder?.remove();
  });

  const call = async (name: string, input: unknown): Promise<void> => {
    traces.push(JSON.stringify(await answer({ ...engine.handlers, ...noFace }, name, input)));
  };
  const state = (alias: string): HostState | undefined =>
    engine.snapshot().hosts.find((host) => host.alias === alias)?.state;
  const prompt = (): Promise<Prompt> =>
    vi.waitFor(
      () => {
        const [first] = engine.snapshot().prompts;
        if (first === undefined) throw new Error('no prompt');
        return first;
      },
      { timeout: 20_000 },
    );
  const reply = async (text: string): Promise<void> =>
    call('prompt.answer', { promptId: (await prompt()).id, answers: [text] });

  it('waits for a person in the background', () => {
    expect(state('locked')).toMatchObject({ kind: 'auth-needed', failure: { code: 'auth-locked' } });
    expect(state('asks')).toMatchObject({ kind: 'auth-needed', failure: { code: 'auth-interactive' } });
  });

  it('asks when told to, again after a wrong answer, and holds up no scan meanwhile', async () => {
    await call('host.login', { hostIds: ['locked', 'asks'] });
    expect(await prompt()).toMatchObject({
      hostId: 'locked',
      kind: 'passphrase',
      text: '~/locked',
      again: false,
    });
    await engine.scan();
    await reply(secrets.wrong);
    await vi.waitFor(async () => expect(await prompt()).toMatchObject({ again: true }), 20_000);
    await reply(secrets.passphrase);
    await vi.waitFor(() => expect(state('locked')?.kind).toBe('no-gpu'));
    await vi.waitFor(
      async () => expect(await prompt()).toMatchObject({ hostId: 'asks', kind: 'password' }),
      20_000,
    );
    await reply(secrets.password);
    // This server's shell cannot run a probe: it was let in.
    await vi.waitFor(() => expect(state('asks')?.kind).not.toMatch(/auth-needed|connecting/), {
      timeout: 20_000,
    });
    expect(engine.snapshot().prompts).toEqual([]);
  });

  it('refuses answers that do not fit', async () => {
    await call('prompt.answer', { promptId: 'gone', answers: [secrets.password] });
    await call('prompt.answer', { promptId: 1, answers: secrets.password, [secrets.wrong]: secrets.wrong });
    expect(traces.filter((trace) => trace.includes('"ok":false'))).toHaveLength(2);
  });

  it('lets nothing secret out', () => {
    expect(traces.length).toBeGreaterThan(20);
    for (const secret of Object.values(secrets))
      expect(traces.filter((trace) => trace.includes(secret))).toEqual([]);
  });
});
