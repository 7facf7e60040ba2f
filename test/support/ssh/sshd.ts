/** Real OpenSSH servers for tests: unprivileged, on a high port of 127.0.0.1, each in a temporary folder of its own. */

import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { signalAll } from '../processes.ts';

const exec = promisify(execFile);

const sshdPath = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/opt/homebrew/sbin/sshd'].find((path) =>
  existsSync(path),
);

/** Whether there is an sshd to run; prints why not, for `describe.skipIf(!sshdAvailable())`. */
export function sshdAvailable(): boolean {
  const why = sshdMissing();
  if (why !== null) console.warn(`skipped: ${why}`);
  return why === null;
}

function sshdMissing(): string | null {
  if (sshdPath === undefined) return 'there is no sshd here; install openssh-server';
  const { username, shell } = userInfo();
  return /\/(nologin|false)$/.test(shell ?? '') ? `the account ${username} may not log in` : null;
}

/** Whether this sshd penalises addresses, which it does since 9.8; prints why not, for `it.skipIf(!hasPenalties())`. */
export function hasPenalties(): boolean {
  const has = penalises();
  if (!has) console.warn('skipped: this sshd gives no penalties; they came with OpenSSH 9.8');
  return has;
}

/** Every release prints its version for an option that it does not know, and newer ones for this one. */
function penalises(): boolean {
  if (sshdPath === undefined) return false;
  const { stderr } = spawnSync(sshdPath, ['-V'], { encoding: 'utf8' });
  const [major = 0, minor = 0] = (/OpenSSH_(\d+\.\d+)/.exec(stderr)?.[1] ?? '').split('.').map(Number);
  return major > 9 || (major === 9 && minor >= 8);
}

export interface SshdOptions {
  /** Lines of sshd_config that come before the ones below, and so win. */
  readonly config?: readonly string[];
  /** Environment of every session, such as a PATH with a stand-in nvidia-smi first. */
  readonly env?: Readonly<Record<string, string>>;
  /** Lines of authorized_keys beside the one for `clientKeyPath`. */
  readonly authorizedKeys?: readonly string[];
  /** Put before the client's key in authorized_keys: `restrict`, `command="..."`. */
  readonly keyOptions?: string;
  readonly hostKeyTypes?: readonly ('ed25519' | 'rsa' | 'ecdsa')[];
  /** The same port as before, for a server that comes back. */
  readonly port?: number;
}

export interface Sshd {
  readonly port: number;
  /** The temporary folder with all files of this server; gone after `stop`. */
  readonly dir: string;
  /** Of the first host key. */
  readonly hostKeyPath: string;
  /** Type and base64, without a comment. */
  readonly hostKeyPublic: string;
  readonly knownHostsLine: string;
  /** A file with that line. */
  readonly knownHostsPath: string;
  /** A key without passphrase that may log in. */
  readonly clientKeyPath: string;
  /** Values for {@link writeSshConfig}: this server, its key, its known_hosts file and no agent. */
  hostOptions(): HostOptions;
  /** Writes a configuration into `dir` that has this server as the host `lab`, and returns its path. */
  configPath(dir: string): Promise<string>;
  logText(): string;
  /** Kills the processes of all open connections, as a crash of the host would; the server goes on listening. */
  killSessions(): Promise<void>;
  /** Kills the server with all its connections; its port is free afterwards and its folder still there. */
  crash(): Promise<void>;
  /** Ends the server with its sessions and removes its folder. */
  stop(): Promise<void>;
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  if (sshdPath === undefined) throw new Error('there is no sshd');
  const dir = await mkdtemp(join(tmpdir(), 'vt-sshd-'));
  const hostKeys = await Promise.all(
    (options.hostKeyTypes ?? ['ed25519']).map((type) => generateKey(join(dir, `host_${type}`), type)),
  );
  const [hostKeyPath] = hostKeys;
  if (hostKeyPath === undefined) throw new Error('no host key type was given');
  const clientKeyPath = await generateKey(join(dir, 'client_ed25519'), 'ed25519');
  const own = `${options.keyOptions ?? ''} ${await publicKey(clientKeyPath)}`.trim();
  await writeFile(join(dir, 'authorized_keys'), [own, ...(options.authorizedKeys ?? []), ''].join('\n'));
  // As root sshd insists on its privilege separation folder, which the boot scripts make otherwise.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });

  const port = options.port ?? (await freePort());
  const configFile = join(dir, 'sshd_config');
  await writeFile(configFile, sshdConfig({ ...options, port, dir, hostKeys }));
  const child = spawn(sshdPath, ['-D', '-e', '-f', configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await untilListening(child, port, () => log);

  const hostKeyPublic = await publicKey(hostKeyPath);
  const knownHostsLine = `[127.0.0.1]:${port} ${hostKeyPublic}`;
  const knownHostsPath = join(dir, 'known_hosts');
  await writeFile(knownHostsPath, `${knownHostsLine}\n`);
  const hostOptions = (): HostOptions => ({
    HostName: '127.0.0.1',
    Port: port,
    User: userInfo().username,
    IdentityFile: clientKeyPath,
    IdentityAgent: 'none',
    UserKnownHostsFile: knownHostsPath,
    GlobalKnownHostsFile: '/dev/null',
  });
  return {
    port,
    dir,
    hostKeyPath,
    hostKeyPublic,
    knownHostsLine,
    knownHostsPath,
    clientKeyPath,
    hostOptions,
    configPath: (where) => writeSshConfig(where, [{ alias: 'lab', options: hostOptions() }]),
    logText: () => log,
    killSessions: () => killDescendants(child),
    async crash() {
      await killDescendants(child);
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      await killDescendants(child);
      child.kill();
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export type HostOptions = Readonly<Record<string, string | number | readonly string[]>>;

/** Writes an ssh_config(5) file with these hosts in this order and returns its path; a list repeats its keyword. */
export async function writeSshConfig(
  dir: string,
  hosts: readonly { readonly alias: string; readonly options: HostOptions }[],
): Promise<string> {
  const path = join(dir, 'ssh_config');
  const blocks = hosts.map(({ alias, options }) => {
    const lines = Object.entries(options).flatMap(([keyword, value]) =>
      [value].flat().map((each) => `  ${keyword} ${each}`),
    );
    return [`Host ${alias}`, ...lines, ''].join('\n');
  });
  await writeFile(path, blocks.join('\n'));
  return path;
}

/** Makes a key pair without passphrase (or with one) and returns the private key's path. */
export async function generateKey(path: string, type = 'ed25519', passphrase = ''): Promise<string> {
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  await exec('ssh-keygen', ['-q', '-t', type, ...bits, '-N', passphrase, '-C', 'lab', '-f', path]);
  return path;
}

/** Type and base64 of the public half, without the comment. */
export async function publicKey(privateKeyPath: string): Promise<string> {
  const text = await readFile(`${privateKeyPath}.pub`, 'utf8');
  return text.split(' ').slice(0, 2).join(' ').trim();
}

/** `SHA256:` and base64, as ssh-keygen prints it of a public key or of the private one beside it. */
export async function fingerprintOf(keyPath: string): Promise<string> {
  const { stdout } = await exec('ssh-keygen', ['-l', '-f', keyPath]);
  return stdout.split(' ')[1] ?? '';
}

/** A port of 127.0.0.1 on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function sshdConfig(
  options: SshdOptions & {
    readonly dir: string;
    readonly hostKeys: readonly string[];
    readonly port: number;
  },
): string {
  const { config = [], env = {}, dir, hostKeys, port } = options;
  // Not the real home folder: what a login shell reads there may take seconds, and is nobody's to test.
  const pairs = Object.entries({ HOME: dir, ...env }).map(([name, value]) => `"${name}=${value}"`);
  return [
    ...config,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...hostKeys.map((path) => `HostKey ${path}`),
    `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'UseDNS no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PrintMotd no',
    'LogLevel VERBOSE',
    // Many tests are let in and refused by one server, all from one address.
    ...(penalises() ? ['PerSourcePenalties no'] : []),
    `SetEnv ${pairs.join(' ')}`,
    '',
  ].join('\n');
}

async function untilListening(child: ChildProcess, port: number, log: () => string): Promise<void> {
  while (child.exitCode === null) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      }).once('error', () => resolve(false));
    });
    if (open) return;
    await delay(20);
  }
  throw new Error(`sshd has ended: ${log()}`);
}

async function killDescendants({ pid }: ChildProcess): Promise<void> {
  const { stdout } = await exec('ps', ['-eo', 'pid=,ppid=']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number));
  const below = (parent: number | undefined): number[] =>
    rows.flatMap(([child = 0, its]) => (its === parent ? [child, ...below(child)] : []));
  signalAll(below(pid), 'SIGKILL');
}
