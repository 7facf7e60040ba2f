/** What must hold whichever client carries a connection, asked of real servers: the target's and a jump host's. */

import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { AppError } from '#common/failure.ts';
import type { TransportSetting } from '#engine/ssh/system/system-choice.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';
import { type Agent, startAgent } from '../support/ssh/agents.ts';
import { output, poolFor } from '../support/ssh/pool-for.ts';
import {
  generateKey,
  type HostOptions,
  publicKey,
  type Sshd,
  sshdAvailable,
  startSshd,
  writeSshConfig,
} from '../support/ssh/sshd.ts';

interface Way {
  readonly name: string;
  readonly setting: TransportSetting;
  readonly server: readonly string[];
}

/** The last one is what an impostor would choose: a key exchange that the built-in client does not have. */
const ways: readonly Way[] = [
  { name: 'built-in', setting: 'built-in', server: [] },
  { name: 'system', setting: 'system', server: [] },
  {
    name: 'fall-back',
    setting: 'auto',
    server: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'],
  },
];

const generous = ['AcceptEnv *', 'X11Forwarding yes', 'PermitTunnel yes', 'LogLevel DEBUG1'];
/** A configuration that gives everything away. */
const careless: HostOptions = {
  ForwardAgent: 'yes',
  ForwardX11: 'yes',
  ForwardX11Trusted: 'yes',
  Tunnel: 'yes',
  SendEnv: 'SECRET_*',
  SetEnv: 'GIVEN=away',
};
/** As people have it who use one configuration here and on macOS. */
const shared = { alias: '*', options: { IgnoreUnknown: 'UseKeychain', UseKeychain: 'yes' } };

const rows: string[] = [];

describe.skipIf(!sshdAvailable())('over every client', () => {
  let folder: Folder;
  let agent: Agent;
  let stranger: string;
  let asked: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = await temporaryFolder();
    agent = await startAgent(join(folder.path, 'agent'));
    stranger = await generateKey(join(folder.path, 'stranger'));
    asked = join(folder.path, 'asked');
    const askpass = join(folder.path, 'askpass');
    await writeFile(askpass, `#!/bin/sh\necho "$*" >>'${asked}'\necho yes\n`);
    await chmod(askpass, 0o755);
    env = {
      PATH: process.env.PATH,
      HOME: folder.path,
      SSH_AUTH_SOCK: agent.socket,
      SSH_ASKPASS: askpass,
      SSH_ASKPASS_REQUIRE: 'force',
      DISPLAY: ':77',
      SECRET_TOKEN: 'never',
    };
  });
  afterAll(async () => {
    await agent?.stop();
    await folder?.remove();
    for (const row of rows) console.log(row);
  });

  const connect = async (way: Way, hosts: Readonly<Record<string, HostOptions>>) => {
    const dir = await temporaryFolder();
    const entries = Object.entries(hosts).map(([alias, options]) => ({ alias, options }));
    const path = await writeSshConfig(dir.path, [shared, ...entries]);
    const pool = poolFor(path, { home: folder.path, env, transportSetting: () => way.setting });
    onTestFinished(async () => {
      await pool.dispose();
      await dir.remove();
    });
    return (await pool.get('target')).transport;
  };
  const refusal = (way: Way, hosts: Readonly<Record<string, HostOptions>>) =>
    connect(way, hosts).then(
      () => 'let in',
      ({ code }: AppError) => code,
    );

  describe.each(ways)('$name', (way) => {
    let target: Sshd;
    let jump: Sshd;
    let changed: string;
    let empty: string;

    beforeAll(async () => {
      jump = await startSshd({ config: [...generous, ...way.server] });
      target = await startSshd({
        config: [...generous, ...way.server],
        authorizedKeys: [await publicKey(jump.clientKeyPath)],
      });
      const key = await publicKey(stranger);
      changed = join(folder.path, `changed-${way.name}`);
      await writeFile(changed, `[127.0.0.1]:${target.port} ${key}\n[127.0.0.1]:${jump.port} ${key}\n`);
      empty = join(folder.path, `empty-${way.name}`);
    });
    afterAll(async () => {
      await target?.stop();
      await jump?.stop();
    });

    const row = (what: string, said: string): void => {
      rows.push(`${what.padEnd(50)} ${way.name.padEnd(10)} ${said}`);
    };
    const direct = (more: HostOptions = {}) => ({
      target: { ...target.hostOptions(), ...careless, ...more },
    });
    const behind = (hop: HostOptions = {}, more: HostOptions = {}) => ({
      target: { ...target.hostOptions(), ...careless, ProxyJump: 'hop', ...more },
      hop: { ...jump.hostOptions(), ...careless, ...hop },
    });

    it('no agent, no display, no tunnel and nothing of the environment reaches the target', async () => {
      const transport = await connect(way, direct({ IdentityAgent: agent.socket }));
      const seen = await output(transport, 'env');
      expect(seen).toMatch(/^HOME=/m);
      expect(seen).not.toMatch(/^(SSH_AUTH_SOCK|DISPLAY|SECRET_TOKEN|GIVEN)=/m);
      const log = target.logText();
      expect(log).toMatch(/Accepted publickey/);
      expect(log).not.toMatch(/auth-agent-req|x11-req|tun@openssh\.com/);
      row('agent, X11, tunnel, environment at the target', 'none');
    });

    it('a jump host gets a stream to open and nothing else', async () => {
      const transport = await connect(way, behind({ IdentityAgent: agent.socket }));
      expect(await output(transport, 'echo through')).toBe('through\n');
      const log = jump.logText();
      expect(log).toMatch(/direct-tcpip/);
      expect(log).not.toMatch(/auth-agent-req|x11-req|tun@openssh\.com|tcpip-forward/);
      // A hop that only the system's ssh can talk to has the session that proves its connection.
      if (way.name !== 'fall-back') expect(log).not.toMatch(/ctype session/);
      row('what reaches a jump host', 'a direct-tcpip channel');
    });

    it.each(['no', 'ask'])('a changed key is refused under %s', async (strict) => {
      const rules = { StrictHostKeyChecking: strict, UserKnownHostsFile: changed };
      expect(await refusal(way, direct(rules))).toBe('hostkey-changed');
      expect(await refusal(way, behind(rules))).toBe('hostkey-changed');
      expect(await refusal(way, behind({}, rules))).toBe('hostkey-changed');
      row(`a changed key under ${strict}: target, hop, behind it`, 'refused');
    });

    it('an unknown key is refused under ask, and noted under no', async () => {
      const rules = { UserKnownHostsFile: empty };
      expect(await refusal(way, direct(rules))).toBe('hostkey-unknown');
      expect(await refusal(way, behind(rules))).toBe('hostkey-unknown');
      expect(existsSync(empty)).toBe(false);
      await connect(way, behind({ ...rules, StrictHostKeyChecking: 'no' }));
      expect(await readFile(empty, 'utf8')).toContain(jump.hostKeyPublic);
      row('an unknown key under ask; under no', 'refused; noted');
    });

    it('what leaves keys unchecked in the configuration leaves none unchecked here', async () => {
      const rules = { NoHostAuthenticationForLocalhost: 'yes', VerifyHostKeyDNS: 'yes' };
      const known = { UserKnownHostsFile: changed, StrictHostKeyChecking: 'no' };
      expect(await refusal(way, direct({ ...rules, ...known }))).toBe('hostkey-changed');
      row('NoHostAuthenticationForLocalhost', 'checked all the same');
    });

    it('no question opens on the desktop, for the target and for a jump host', async () => {
      const locked = await generateKey(join(folder.path, `locked-${way.name}`), 'ed25519', 'a passphrase');
      const unknown = { UserKnownHostsFile: empty.concat('-2') };
      expect(await refusal(way, direct(unknown))).toBe('hostkey-unknown');
      expect(await refusal(way, behind(unknown))).toBe('hostkey-unknown');
      const lockedKey = { IdentityFile: locked, PasswordAuthentication: 'yes' };
      expect(await refusal(way, direct(lockedKey))).toMatch(/^auth-/);
      expect(await refusal(way, behind(lockedKey))).toMatch(/^auth-/);
      expect(await refusal(way, behind({}, lockedKey))).toMatch(/^auth-/);
      // The user's own ssh as a proxy reads the user's configuration alone.
      const config = join(folder.path, `proxy-${way.name}`);
      await writeFile(config, `Host *\n  UserKnownHostsFile ${empty}-3\n  IdentityFile ${locked}\n`);
      const proxy = `ssh -F ${config} -p ${jump.port} 127.0.0.1 -W %h:%p`;
      expect(await refusal(way, direct({ ProxyCommand: proxy }))).not.toBe('let in');
      expect(existsSync(asked) ? await readFile(asked, 'utf8') : '').toBe('');
      row('unknown key, locked key: target, hop, proxy', 'no question');
    });
  });
});
