import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { startModelServer, type WebServer } from '../../main/demo/model-server.ts';
import { standIns } from '../../main/demo/programs.ts';
import { createRandom } from '../../main/demo/random.ts';
import { createServerLoad } from '../../main/demo/server-load.ts';
import type { ModelServerSpec } from '../../main/demo/specs.ts';
import { startBlobServer } from './blob-server.ts';
import {
  addNamespaces,
  listenIn,
  type Namespace,
  removeNamespaces,
  spawnIn,
  writeEtc,
} from './namespaces.ts';

const run = promisify(execFile);

export interface FleetGpu {
  readonly name: string;
  readonly utilPct: number;
  readonly memUsedMiB: number;
  readonly memTotalMiB: number;
}

export interface FleetHost {
  readonly alias: string;
  /** Null: the host has no nvidia-smi. */
  readonly gpus: readonly FleetGpu[] | null;
  readonly models?: readonly { readonly port: number; readonly id: string; readonly bind?: string }[];
  /** Ports that answer every path with an HTML page. */
  readonly htmlPorts?: readonly number[];
  /** A port that serves `/blob/<bytes>`, see blob-server.ts. */
  readonly blobPort?: number;
  /** Ports whose connections are handed over. */
  readonly services?: readonly { readonly port: number; accept(socket: Socket): void }[];
  /** The text of a stand-in nvidia-smi, instead of one that tells `gpus`. */
  readonly nvidiaSmi?: string;
  /** Further programs in the host's PATH, by name. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Lines for this host's sshd_config. */
  readonly sshd?: readonly string[];
  /** Lines for this host's block of the client's configuration. */
  readonly ssh?: readonly string[];
  /** Files of its own in /etc, by name, such as `passwd` with accounts that this computer does not have. */
  readonly etc?: Readonly<Record<string, string>>;
  /** No sshd runs there. */
  readonly down?: boolean;
  /** The alias of the host that is the only way to it: its jump host. */
  readonly behind?: string;
}

export interface Fleet {
  readonly directory: string;
  /** The client's configuration, hosts in the order given. */
  readonly sshConfigPath: string;
  /** The host's network namespace, with its address. */
  namespaceOf(alias: string): Namespace;
  /** What the host's sshd has written to its log. */
  logOf(alias: string): string;
  /** Starts the host's sshd again after it was killed, and waits for nothing. */
  restartSshd(alias: string): void;
  stop(): Promise<void>;
}

/** One Linux host per entry: a network namespace with its own loopback, its own sshd on port 22 and its own servers. */
export async function startFleet(hosts: readonly FleetHost[]): Promise<Fleet> {
  const directory = await mkdtemp(join(tmpdir(), 'vllm-tray-fleet-'));
  const logs: Logs = new Map();
  const closers: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    await mkdir('/run/sshd', { recursive: true });
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'id')]);
    const namespaces = await addNamespaces(
      hosts.map(({ behind }) =>
        behind === undefined ? null : hosts.findIndex(({ alias }) => alias === behind),
      ),
    );
    closers.push(() => removeNamespaces(namespaces));
    const atOnce = pLimit(32);
    const started = await Promise.allSettled(
      hosts.map((host, index) =>
        atOnce(() => startHost(host, namespaces[index] as Namespace, directory, closers, logs)),
      ),
    );
    const blocks = started.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
    await writeFile(join(directory, 'known_hosts'), blocks.map((block) => block.knownHost).join(''));
    const sshConfigPath = join(directory, 'config');
    await writeFile(sshConfigPath, blocks.map((block) => block.config).join('\n'));
    const namespaceOf = (alias: string): Namespace => {
      const found = namespaces[hosts.findIndex((host) => host.alias === alias)];
      if (found === undefined) throw new Error(`no host ${alias}`);
      return found;
    };
    return {
      directory,
      sshConfigPath,
      namespaceOf,
      logOf: (alias) => logs.get(alias) ?? '',
      restartSshd: (alias) => void spawnSshd(alias, namespaceOf(alias), join(directory, alias), logs),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** By alias. */
type Logs = Map<string, string>;

const maxLogChars = 500_000;

interface StartedHost {
  readonly config: string;
  readonly knownHost: string;
}

async function startHost(
  host: FleetHost,
  namespace: Namespace,
  directory: string,
  closers: (() => Promise<unknown>)[],
  logs: Logs,
): Promise<StartedHost> {
  const home = join(directory, host.alias);
  await Promise.all(['bin', 'state', 'home'].map((name) => mkdir(join(home, name), { recursive: true })));
  await writePrograms(host, home);
  closers.push(await startServices(host, namespace));
  await writeEtc(namespace, host.etc ?? {});
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(home, 'host_key')]);
  if (host.down !== true) closers.push(await startSshd(host, namespace, directory, home, logs));
  const [type, key] = (await readFile(join(home, 'host_key.pub'), 'utf8')).split(' ');
  return {
    knownHost: `${namespace.address} ${type} ${key}\n`,
    config: [
      `Host ${host.alias}`,
      // The first value wins, so a host's own lines come before what all have in common.
      ...(host.ssh ?? []),
      `HostName ${namespace.address}`,
      ...(host.behind === undefined ? [] : [`ProxyJump ${host.behind}`]),
      'User root',
      `IdentityFile ${join(directory, 'id')}`,
      'IdentitiesOnly yes',
      'IdentityAgent none',
      `UserKnownHostsFile ${join(directory, 'known_hosts')}`,
      'GlobalKnownHostsFile none',
      'StrictHostKeyChecking yes',
      '',
    ].join('\n  '),
  };
}

async function writePrograms(host: FleetHost, home: string): Promise<void> {
  for (const [name, program] of Object.entries(host.programs ?? {}))
    await writeFile(join(home, 'bin', name), program, { mode: 0o755 });
  const text = host.nvidiaSmi ?? (host.gpus === null ? null : standIns['nvidia-smi']);
  if (text === null) return;
  await writeFile(join(home, 'bin', 'nvidia-smi'), text);
  await chmod(join(home, 'bin', 'nvidia-smi'), 0o755);
  const rows = (host.gpus ?? []).map((gpu, index) =>
    [
      index,
      gpuUuid(host.alias, index),
      gpu.name,
      gpu.utilPct,
      gpu.memUsedMiB,
      gpu.memTotalMiB,
      41,
      '210.55',
      ...restOfColumns.map(([, cell]) => cell),
    ].join('|'),
  );
  const columns =
    'index|uuid|name|utilization.gpu [%]|memory.used [MiB]|memory.total [MiB]|temperature.gpu|power.draw [W]';
  const table = [[columns, ...restOfColumns.map(([title]) => title)].join('|'), ...rows, ''];
  await writeFile(join(home, 'state', 'gpus'), table.join('\n'));
  await writeFile(join(home, 'state', 'apps'), 'gpu_uuid|pid|process_name|used_gpu_memory [MiB]\n');
}

/** Title and cell of what is the same for all. */
const restOfColumns = [
  ['driver_version', '570.133.20'],
  ['mig.mode.current', 'Disabled'],
  ['power.limit [W]', '700.00'],
  ['fan.speed [%]', '[N/A]'],
  ['clocks.current.sm [MHz]', '1980'],
  ['clocks.current.memory [MHz]', '2619'],
  ['ecc.errors.uncorrected.volatile.total', '0'],
  ['clocks_event_reasons.active', '0x0000000000000000'],
  ['pci.bus_id', '00000000:65:00.0'],
] as const;

export function gpuUuid(alias: string, index: number): string {
  return `GPU-${Buffer.from(alias).toString('hex').padEnd(12, '0').slice(0, 12)}-${index}`;
}

async function startServices(host: FleetHost, namespace: Namespace): Promise<() => Promise<void>> {
  const wanted: { port: number; bind: string; server: WebServer }[] = [];
  for (const { port, id, bind = '127.0.0.1' } of host.models ?? []) {
    const load = createServerLoad({ ...modelSpec, model: id, port }, createRandom(port));
    wanted.push({ port, bind, server: await startModelServer(load, { hostAlias: host.alias, seed: 1 }) });
  }
  for (const port of host.htmlPorts ?? []) {
    wanted.push({
      port,
      bind: '127.0.0.1',
      server: await startBlobServer('<!DOCTYPE html><title>Login</title>'),
    });
  }
  if (host.blobPort !== undefined) {
    wanted.push({ port: host.blobPort, bind: '127.0.0.1', server: await startBlobServer('') });
  }
  const { services = [] } = host;
  const listeners = await listenIn(namespace, [
    ...wanted.map(({ bind, port }) => ({ host: bind, port })),
    ...services.map(({ port }) => ({ host: '127.0.0.1', port })),
  ]);
  const sockets = new Set<Socket>();
  wanted.forEach(({ server }, index) => {
    (listeners[index] as Server).on('connection', (socket: Socket) => relay(socket, server.port, sockets));
  });
  services.forEach(({ accept }, index) => {
    (listeners[wanted.length + index] as Server).on('connection', (socket: Socket) => {
      sockets.add(socket.once('close', () => sockets.delete(socket)));
      accept(socket);
    });
  });
  return async () => {
    for (const listener of listeners) listener.close();
    for (const socket of sockets) socket.destroy();
    await Promise.all(wanted.map(({ server }) => server.close()));
  };
}

/** The server itself runs outside the namespace. */
function relay(socket: Socket, port: number, sockets: Set<Socket>): void {
  const inner = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  for (const [one, other] of [
    [socket, inner],
    [inner, socket],
  ] as const) {
    sockets.add(one);
    one.pipe(other);
    one.once('error', () => other.destroy());
    one.once('close', () => {
      sockets.delete(one);
      if (!one.readableEnded) other.destroy();
    });
  }
}

const modelSpec: ModelServerSpec = {
  kind: 'vllm',
  bind: '127.0.0.1',
  port: 8000,
  user: 'root',
  gpus: [],
  model: '',
  version: '0.11.0',
  maxModelLen: 32_768,
  adapters: [],
  apiKey: null,
  life: { kind: 'serves' },
  demand: 0,
  tide: 0,
  maxRunning: 16,
  tokensPerSecond: 100,
};

async function startSshd(
  host: FleetHost,
  namespace: Namespace,
  directory: string,
  home: string,
  logs: Logs,
): Promise<() => Promise<void>> {
  const lines = [
    // The first value wins.
    ...(host.sshd ?? []),
    'ListenAddress 0.0.0.0:22',
    `HostKey ${join(home, 'host_key')}`,
    `AuthorizedKeysFile ${join(directory, 'id.pub')}`,
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    `SetEnv HOME=${join(home, 'home')} PATH=${join(home, 'bin')}:/usr/sbin:/usr/bin:/sbin:/bin`,
  ];
  await writeFile(join(home, 'sshd_config'), `${lines.join('\n')}\n`);
  const sshd = spawnSshd(host.alias, namespace, home, logs);
  await untilListens(sshd, () => logs.get(host.alias) ?? '');
  return () => end(sshd);
}

/** Adds what it says to the log of its host. */
function spawnSshd(alias: string, namespace: Namespace, home: string, logs: Logs): ChildProcess {
  const sshd = spawnIn(namespace, '/usr/sbin/sshd', ['-D', '-e', '-f', join(home, 'sshd_config')]);
  sshd.stderr?.on('data', (chunk) => {
    logs.set(alias, `${logs.get(alias) ?? ''}${chunk}`.slice(-maxLogChars));
  });
  return sshd;
}

/** By its own word: a host behind a jump host cannot be asked from here. */
function untilListens(sshd: ChildProcess, log: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    sshd.stderr?.on('data', () => {
      if (log().includes('Server listening on')) resolve();
    });
    sshd.once('exit', () => reject(new Error(`sshd ended: ${log()}`)));
  });
}

/**
 * Ends sshd alone, not the sessions it has forked: those end with the namespace. One whose link is dead notices nothing and
 * holds sshd's stderr, so that waiting for `close` would be waiting for it.
 */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
