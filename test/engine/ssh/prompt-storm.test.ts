import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Host } from '#common/hosts.ts';
import type { Prompt } from '#common/prompts.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor } from '../../support/engine-for.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import {
  generateKey,
  type HostOptions,
  publicKey,
  type Sshd,
  sshdAvailable,
  startSshd,
  writeSshConfig,
} from '../../support/ssh/sshd.ts';
import { startLoginServer } from './login-server.ts';

describe.skipIf(!sshdAvailable())('many hosts that want a person', () => {
  let folder: Folder;
  let sshd: Sshd;
  let engine: Engine;
  let lockedKey: string;
  /** What was asked at the same time, each time that changed. */
  let asked: (readonly Prompt[])[];

  beforeEach(async () => {
    folder = await temporaryFolder();
    lockedKey = await generateKey(join(folder.path, 'locked'), 'ed25519', 'open sesame');
    sshd = await startSshd({ authorizedKeys: [await publicKey(lockedKey)] });
    asked = [];
  });
  afterEach(async () => {
    await engine?.dispose();
    await sshd?.stop();
    await folder?.remove();
  });

  const start = async (hosts: Readonly<Record<string, HostOptions>>): Promise<void> => {
    const blocks = Object.entries(hosts).map(([alias, options]) => ({ alias, options }));
    const sshConfigPath = await writeSshConfig(folder.path, blocks);
    engine = engineFor(sshConfigPath, { remotePorts: [], home: folder.path });
    engine.subscribe(({ prompts }) => prompts !== undefined && asked.push(prompts));
    await engine.loadHosts();
    await engine.scan();
  };

  const states = (): Host['state']['kind'][] => engine.snapshot().hosts.map(({ state }) => state.kind);
  const nextPrompt = (): Promise<Prompt> =>
    vi.waitFor(() => {
      const [first] = engine.snapshot().prompts;
      if (first === undefined) throw new Error('no prompt');
      return first;
    });

  it('with one key are asked about once, and all of them come up', async () => {
    const options = { ...sshd.hostOptions(), IdentityFile: lockedKey, IdentitiesOnly: 'yes' };
    // A value of its own makes each a target of its own.
    const hosts = ['a', 'b', 'c', 'd'].map((alias, n) => [alias, { ...options, ConnectTimeout: 60 + n }]);
    await start(Object.fromEntries(hosts));
    expect([states(), asked]).toEqual([hosts.map(() => 'auth-needed'), []]);
    const loggedIn = engine.logIn(engine.snapshot().hosts.map(({ id }) => id));
    const { id } = await nextPrompt();
    await engine.handlers['prompt.answer']({ promptId: id, answers: ['open sesame'] });
    await loggedIn;
    expect(states()).toEqual(hosts.map(() => 'no-gpu'));
    expect(new Set(asked.flat().map((prompt) => prompt.id)).size).toBe(1);
  });

  it('with a password each are asked one after the other, and a question that is dismissed not again', async () => {
    const hostKeyPath = await generateKey(join(folder.path, 'host'));
    const servers = await Promise.all(
      [1, 2, 3].map(() => startLoginServer({ hostKeyPath, steps: ['password'], password: 'right' })),
    );
    onTestFinished(async () => void (await Promise.all(servers.map((server) => server.close()))));
    const hosts = servers.map(({ port }, n) => [
      `host${n}`,
      {
        HostName: '127.0.0.1',
        Port: port,
        User: 'me',
        IdentityAgent: 'none',
        IdentityFile: 'none',
        StrictHostKeyChecking: 'no',
        UserKnownHostsFile: '/dev/null',
        GlobalKnownHostsFile: '/dev/null',
      },
    ]);
    await start(Object.fromEntries(hosts));
    expect(asked).toEqual([]);
    const over = engine.logIn(engine.snapshot().hosts.map(({ id }) => id));
    for (const hostId of ['host0', 'host1', 'host2']) {
      const prompt = await nextPrompt();
      expect(prompt).toMatchObject({ hostId, kind: 'password' });
      await engine.handlers['prompt.dismiss']({ promptId: prompt.id });
    }
    await over;
    await engine.scan();
    expect(engine.snapshot().prompts).toEqual([]);
    expect(asked.map((prompts) => prompts.length).filter((count) => count > 1)).toEqual([]);
    expect(servers.map(({ attempts }) => attempts.filter((method) => method === 'password'))).toEqual([
      [],
      [],
      [],
    ]);
  });
});
