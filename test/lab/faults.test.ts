import { getCiphers } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Host } from '#common/hosts.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor, hostOf } from '../support/engine-for.ts';
import { signalAll } from '../support/processes.ts';
import { startAgent, startSilentAgent, startUnattendedAgent } from '../support/ssh/agents.ts';
import { generateKey, publicKey } from '../support/ssh/sshd.ts';
import { type Fleet, type FleetGpu, type FleetHost, startFleet } from './fleet.ts';
import { namespacesMissing, setLink } from './namespaces.ts';
import { sshdProcesses } from './sshd-processes.ts';

const missing = namespacesMissing();
if (missing !== null) console.log(`SKIPPED lab: ${missing}`);

const gpus: readonly FleetGpu[] = [
  { name: 'NVIDIA H100 80GB HBM3', utilPct: 0, memUsedMiB: 4, memTotalMiB: 81_559 },
];

/** An account `lab` with this login shell; its password is "secret". */
const account = (shell: string, expires = '') => ({
  passwd: `root:x:0:0:root:/root:/bin/bash\nsshd:x:102:65534::/run/sshd:/usr/sbin/nologin\nlab:x:0:0::/root:${shell}\n`,
  shadow: `root:*:19000:0:99999:7:::\nlab:${secretHash}:19000:0:99999:7::${expires}:\n`,
});
// openssl passwd -6 secret
const secretHash =
  '$6$hsQ6h05/4DpFnk7o$KdVMIX5R3dL8gYr7qUYl/VlzJ8yikY/slfqNueimolKK9t1Omp6XgfwifhHUdsXZ8g79qMNfDvZYs2PhgQDVp1';
const asLab = ['User lab'];
const pam = (...lines: string[]) => ({
  'pam.d/sshd': ['auth required pam_unix.so', ...lines, 'session required pam_permit.so', ''].join('\n'),
});
const slurm = [
  'account optional pam_echo.so Access denied by pam_slurm_adopt: you have no active jobs on this node',
  'account required pam_deny.so',
];

interface Fault extends Omit<FleetHost, 'alias'> {
  /** State and, where it failed, code. */
  readonly ends: string;
  /** A program that must be there. */
  readonly needs?: string;
  /** What the login shell of root reads first. */
  readonly rc?: string;
}

const fault = (ends: string, rest: Partial<Fault> = {}): Fault => ({ ends, gpus, ...rest });

const faults: Readonly<Record<string, Fault>> = {
  'healthy-first': fault('up'),
  'max-startups': fault('up', { sshd: ['MaxStartups 1:100:2'] }),
  'one-session': fault('up', { sshd: ['MaxSessions 1'] }),
  'no-session': fault('no-shell sessions-exhausted', { sshd: ['MaxSessions 0'] }),
  'too-many-keys': fault('auth-needed auth-too-many', { sshd: ['MaxAuthTries 2'] }),
  'no-forwarding': fault('up', { sshd: ['AllowTcpForwarding no'], models: [{ port: 8000, id: 'm' }] }),
  'permit-open': fault('up', { sshd: ['PermitOpen 127.0.0.1:1'], models: [{ port: 8000, id: 'm' }] }),
  banner: fault('up', { sshd: ['Banner /etc/passwd'] }),
  'force-echo': fault('no-shell no-shell', { sshd: ['ForceCommand echo welcome'] }),
  'force-false': fault('no-shell no-shell', { sshd: ['ForceCommand /bin/false'] }),
  'sftp-only': fault('no-shell no-shell', { sshd: ['ForceCommand internal-sftp'] }),
  nologin: fault('no-shell no-shell', { etc: account('/usr/sbin/nologin'), ssh: asLab }),
  fish: fault('up', { etc: account('/usr/bin/fish'), ssh: asLab, needs: '/usr/bin/fish' }),
  tcsh: fault('up', { etc: account('/usr/bin/tcsh'), ssh: asLab, needs: '/usr/bin/tcsh' }),
  'noisy-rc': fault('up', { rc: 'echo "*** Welcome ***"; echo more >&2; printf "\\033[31mred"\n' }),
  'slow-rc': fault('up', { rc: 'sleep 2\n' }),
  'rc-that-hangs': fault('unreachable probe-timeout', { rc: 'sleep 600\n' }),
  'rc-that-leaves': fault('no-shell no-shell', { rc: 'echo "no ticket"; exit 1\n' }),
  rekey: fault('up', { sshd: ['RekeyLimit 64K'] }),
  'new-kex-only': fault('up', { sshd: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] }),
  'chacha-only': fault('up', { sshd: ['Ciphers chacha20-poly1305@openssh.com'] }),
  'old-algorithms': fault('up', {
    sshd: ['KexAlgorithms diffie-hellman-group14-sha256', 'Ciphers aes256-ctr', 'MACs hmac-sha1'],
  }),
  'authority-only': fault('auth-needed auth-failed', {
    sshd: ['AuthorizedKeysFile none', 'TrustedUserCAKeys /etc/ssh/ssh_config'],
  }),
  'password-only': fault('auth-needed auth-interactive', {
    sshd: ['PasswordAuthentication yes', 'AuthenticationMethods password'],
  }),
  'questions-only': fault('auth-needed auth-interactive', {
    sshd: ['UsePAM yes', 'KbdInteractiveAuthentication yes', 'AuthenticationMethods keyboard-interactive'],
    etc: { ...account('/bin/bash'), ...pam('account required pam_permit.so') },
  }),
  'key-and-password': fault('auth-needed auth-interactive', {
    sshd: ['PasswordAuthentication yes', 'AuthenticationMethods publickey,password'],
  }),
  'key-and-code': fault('auth-needed auth-interactive', {
    sshd: [
      'UsePAM yes',
      'KbdInteractiveAuthentication yes',
      'AuthenticationMethods publickey,keyboard-interactive',
    ],
    etc: { ...account('/bin/bash'), ...pam('account required pam_permit.so') },
    ssh: asLab,
  }),
  'no-job': fault('needs-job needs-job', {
    sshd: ['UsePAM yes'],
    etc: { ...account('/bin/bash'), ...pam(...slurm) },
    ssh: asLab,
  }),
  'expired-account': fault('auth-needed account-refused', {
    sshd: ['UsePAM yes'],
    etc: { ...account('/bin/bash', '1'), ...pam('account required pam_unix.so') },
    ssh: asLab,
  }),
  'denied-user': fault('auth-needed auth-failed', { sshd: ['DenyUsers root'] }),
  'unknown-key': fault('hostkey-unknown hostkey-unknown', {
    ssh: ['UserKnownHostsFile /dev/null', 'StrictHostKeyChecking ask'],
  }),
  'strange-key': fault('hostkey-changed hostkey-changed', { ssh: ['UserKnownHostsFile %d/changed'] }),
  'revoked-key': fault('hostkey-changed hostkey-revoked', { ssh: ['UserKnownHostsFile %d/revoked'] }),
  'missing-agent': fault('up', { ssh: ['IdentityAgent /nonexistent/agent'] }),
  'silent-agent': fault('up', { ssh: ['IdentityAgent %d/silent.sock'] }),
  'overfull-agent': fault('auth-needed auth-too-many', {
    sshd: ['MaxAuthTries 3'],
    ssh: ['IdentityAgent %d/overfull.sock', 'IdentitiesOnly no'],
  }),
  'unattended-agent': fault('auth-needed auth-timeout', {
    sshd: ['LoginGraceTime 2'],
    ssh: ['IdentityAgent %d/unattended.sock'],
  }),
  'short-grace': fault('up', { sshd: ['LoginGraceTime 2'] }),
  down: fault('unreachable connection-refused', { down: true }),
  'healthy-last': fault('up'),
};

const shown = ({ state }: Host): string =>
  'failure' in state ? `${state.kind} ${state.failure.code}` : state.kind;

describe.skipIf(missing !== null)('one real sshd for each fault, all in one scan', () => {
  let fleet: Fleet;
  let engine: Engine;
  let home: string;
  const closers: (() => Promise<void>)[] = [];
  const names = Object.keys(faults).filter((alias) => {
    const needs = faults[alias]?.needs;
    if (needs === undefined || existsSync(needs)) return true;
    console.log(`SKIPPED ${alias}: ${needs} is not installed`);
    return false;
  });

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'vt-faults-'));
    fleet = await startFleet(
      names.map((alias) => {
        const { ends: _ends, needs: _needs, rc: _rc, ...host } = faults[alias] as Fault;
        const ssh = host.ssh?.map((line) => line.replace('%d', home));
        return { alias, ...host, ...(ssh !== undefined && { ssh }) };
      }),
    );
    await prepare();
    engine = engineFor(fleet.sshConfigPath, {
      settings: {
        timeouts: { ...defaultSettings.timeouts, probeMs: 6000, firstProbeMs: 6000 },
        cadence: { ...defaultSettings.cadence, gpusMs: 1000 },
      },
      home,
    });
    await engine.loadHosts();
    await engine.scan();
    console.table(
      engine.snapshot().hosts.map((host) => ({ fault: host.alias, ends: shown(host), step: step(host) })),
    );
  });
  afterAll(async () => {
    await engine?.dispose();
    for (const close of closers.reverse()) await close();
    await fleet?.stop();
    await rm(home, { recursive: true, force: true });
  });

  /** Shell files, known_hosts with wrong keys, keys that nobody accepts, and agents. */
  const prepare = async (): Promise<void> => {
    for (const [alias, { rc }] of Object.entries(faults)) {
      if (rc !== undefined) await writeFile(join(fleet.directory, alias, 'home', '.bashrc'), rc);
    }
    const other = await publicKey(await generateKey(join(home, 'other')));
    await writeFile(join(home, 'changed'), `${fleet.namespaceOf('strange-key').address} ${other}\n`);
    const own = await readFile(join(fleet.directory, 'revoked-key', 'host_key.pub'), 'utf8');
    await writeFile(join(home, 'revoked'), `@revoked ${fleet.namespaceOf('revoked-key').address} ${own}`);
    await mkdir(join(home, 'keys'));
    const wrong = await Promise.all([1, 2, 3].map((n) => generateKey(join(home, 'keys', `${n}`))));
    const config = await readFile(fleet.sshConfigPath, 'utf8');
    const files = wrong.map((path) => `  IdentityFile ${path}\n`).join('');
    await writeFile(
      fleet.sshConfigPath,
      config.replace('Host too-many-keys\n', `Host too-many-keys\n${files}`),
    );
    await startAgents(wrong);
  };

  const startAgents = async (wrongKeys: readonly string[]): Promise<void> => {
    const silent = await startSilentAgent(join(home, 'silent.sock'));
    const [overfull, right] = await Promise.all(
      ['overfull', 'right'].map((name) => startAgent(join(home, `${name}.sock`))),
    );
    if (overfull === undefined || right === undefined) throw new Error('no agents');
    await overfull.holds(wrongKeys);
    await right.holds([join(fleet.directory, 'id')]);
    const unattended = await startUnattendedAgent(join(home, 'unattended.sock'), right);
    closers.push(overfull.stop, right.stop, silent.close, unattended.close);
  };

  const host = (alias: string) => hostOf(engine, alias);

  it.each(names)('%s', (alias) => {
    expect(shown(host(alias))).toBe(faults[alias]?.ends);
    if (host(alias).state.kind === 'up') expect(host(alias).gpus).toHaveLength(1);
  });

  it('shows the GPUs of hosts that forward nothing, and says that they do not', () => {
    expect(['no-forwarding', 'permit-open'].map((alias) => host(alias).forwarding)).toEqual([
      'prohibited',
      'prohibited',
    ]);
  });

  it("shows that the system's ssh carries a host that the built-in client has no algorithm for", () => {
    // Electron's crypto has no such cipher.
    const hasChaCha = getCiphers().includes('chacha20-poly1305');
    const aliases = ['new-kex-only', 'chacha-only', 'old-algorithms', 'healthy-last'];
    expect(aliases.map((alias) => host(alias).client)).toEqual([
      'system',
      hasChaCha ? 'built-in' : 'system',
      'built-in',
      'built-in',
    ]);
  });

  it('gives every failure a step, a remedy and, where it helps, a command', () => {
    for (const { state, alias } of engine.snapshot().hosts) {
      if (!('failure' in state)) continue;
      expect({ alias, command: state.failure.command }).toMatchObject({
        command: expect.stringMatching(/^(ssh|ssh-keygen) /),
      });
    }
  });

  describe('while it is watched', () => {
    beforeAll(() => engine.watch());

    const until = (alias: string, kind: string) =>
      vi.waitFor(() => expect(host(alias).state.kind).toBe(kind), { timeout: 60_000, interval: 100 });
    const signalSessions = async (alias: string, signal: NodeJS.Signals): Promise<void> => {
      const { sessions } = await sshdProcesses(fleet.namespaceOf(alias));
      expect(sessions).not.toEqual([]);
      signalAll(sessions, signal);
    };

    it('a host whose processes are stopped turns stale, and comes back when they go on', async () => {
      await signalSessions('healthy-first', 'SIGSTOP');
      await until('healthy-first', 'stale');
      expect(host('healthy-first').gpus).toHaveLength(1);
      await signalSessions('healthy-first', 'SIGCONT');
      await until('healthy-first', 'up');
    });

    it('a session that is killed is replaced', async () => {
      const before = host('healthy-last').measuredAt ?? 0;
      await signalSessions('healthy-last', 'SIGKILL');
      await vi.waitFor(() => expect(host('healthy-last').measuredAt).toBeGreaterThan(before + 2000), {
        timeout: 60_000,
      });
      await until('healthy-last', 'up');
    });

    it('without its listener a host goes on over the session that it has', async () => {
      const { listener } = await sshdProcesses(fleet.namespaceOf('fish'));
      expect(listener).not.toEqual([]);
      signalAll(listener, 'SIGKILL');
      const before = host('fish').measuredAt ?? 0;
      await vi.waitFor(() => expect(host('fish').measuredAt).toBeGreaterThan(before + 2000), {
        timeout: 60_000,
      });
      expect(host('fish').state.kind).toBe('up');
    });

    it('a dead link turns the host stale, and a mended one brings it back', async () => {
      await setLink(fleet.namespaceOf('banner'), 'down');
      await until('banner', 'stale');
      await setLink(fleet.namespaceOf('banner'), 'up');
      await until('banner', 'up');
    });

    it('none of that has touched another host', () => {
      const healthy = names.filter((alias) => faults[alias]?.ends === 'up');
      expect(healthy.map((alias) => shown(host(alias)))).toEqual(healthy.map(() => 'up'));
    });
  });
});

function step({ state }: Host): string {
  return 'failure' in state ? state.failure.step : '';
}
