/**
 * The demo cluster: real SSH servers on loopback with simulated GPUs and model servers behind them. It serves people who
 * want to see the app without a GPU at hand, and the tests.
 */

import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#common/errors.ts';
import { demoHosts } from './catalogue.ts';
import { createHostHome } from './host-home.ts';
import { startHostServices } from './host-services.ts';
import { type Key, newKey } from './keys.ts';
import { type ConfiguredHost, knownHosts, sshConfig } from './ssh-files.ts';
import { type SshHost, startSshHost } from './ssh-host.ts';
import { stateFiles } from './state-files.ts';
import { createWorld, type HostTruth } from './world.ts';

export type DemoLog = (level: 'info' | 'warn', message: string) => void;

export interface DemoClusterOptions {
  /** The same seed gives the same GPUs, processes and courses of load. */
  readonly seed?: number;
  /** The folder in which the cluster's temporary directory is made; default: the system's. */
  readonly home?: string;
  readonly log?: DemoLog;
}

export interface DemoCluster {
  /** An SSH configuration with all hosts, the key and the known host keys: `ssh -F <path> h100-01` works. */
  readonly sshConfigPath: string;
  readonly hostCount: number;
  /** Ends every connection, shell and server and removes the temporary directory. Safe to call twice. */
  dispose(): Promise<void>;
}

const tickMs = 1000;
// After a sleep of the computer the simulation goes on where it stopped.
const longestStepSeconds = 5;

/** Starts the cluster; resolves when all hosts can be reached. Rejects when a port or the directory cannot be had. */
export async function startDemoCluster(options: DemoClusterOptions = {}): Promise<DemoCluster> {
  const { seed = 1, home = tmpdir(), log = () => undefined } = options;
  const directory = await mkdtemp(join(home, 'vllm-tray-demo-'));
  const parts: Parts = {
    directory,
    seed,
    clientKey: newKey(),
    startedAtMs: Date.now(),
    hosts: [],
    writers: [],
    closers: [],
  };
  const atExit = () => {
    for (const host of parts.hosts) host.kill();
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', atExit);
  let disposing: Promise<void> | null = null;
  const disposeOnce = async () => {
    await Promise.all(parts.closers.map((close) => close()));
    process.off('exit', atExit);
    await rm(directory, { recursive: true, force: true });
  };
  const dispose = () => {
    disposing ??= disposeOnce();
    return disposing;
  };

  try {
    const world = createWorld(demoHosts, seed);
    // All are awaited even when one fails, so that nothing starts behind the disposal.
    const started = await Promise.allSettled(world.hosts.map((truth) => startHost(truth, parts)));
    const configured = started.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
    const writeStates = () => Promise.all(parts.writers.map((write) => write()));
    const [sshConfigPath] = await Promise.all([writeClientFiles(configured, parts), writeStates()]);
    const step = async (seconds: number) => {
      world.advance(seconds);
      await writeStates();
    };
    parts.closers.push(startClock(step, log));
    log('info', `demo cluster of ${configured.length} hosts in ${directory}`);
    return { sshConfigPath, hostCount: configured.length, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** What a cluster is made of; grows while it starts. */
interface Parts {
  readonly directory: string;
  readonly seed: number;
  readonly clientKey: Key;
  /** When the world's clock was 0. */
  readonly startedAtMs: number;
  readonly hosts: SshHost[];
  /** Each writes the state of one host. */
  readonly writers: (() => Promise<void>)[];
  readonly closers: (() => Promise<void>)[];
}

async function startHost(truth: HostTruth, parts: Parts): Promise<ConfiguredHost> {
  const { alias, behaviour, gpu } = truth.spec;
  if (behaviour.kind === 'unreachable')
    return { alias, port: await closedPort(), hostKey: null, known: true };
  const services = await startHostServices(truth, parts.seed);
  parts.closers.push(services.close);
  const files = await createHostHome(join(parts.directory, alias), gpu !== null);
  parts.writers.push(() => files.write(stateFiles(truth, parts.startedAtMs)));
  const hostKey = newKey();
  const ssh = await startSshHost({
    hostKey: hostKey.private,
    clientKey: parts.clientKey.parsed,
    behaviour,
    env: files.env,
    cwd: files.cwd,
    service: services.find,
  });
  parts.hosts.push(ssh);
  parts.closers.push(ssh.close);
  return { alias, port: ssh.port, hostKey: hostKey.public, known: behaviour.kind !== 'new-key' };
}

/** Returns the path of the SSH configuration. */
async function writeClientFiles(hosts: readonly ConfiguredHost[], parts: Parts): Promise<string> {
  const sshConfigPath = join(parts.directory, 'config');
  const paths = {
    identity: join(parts.directory, 'id_ed25519'),
    knownHosts: join(parts.directory, 'known_hosts'),
  };
  const mode = 0o600;
  await Promise.all([
    writeFile(paths.identity, parts.clientKey.private, { mode }),
    writeFile(paths.knownHosts, knownHosts(hosts), { mode }),
    writeFile(sshConfigPath, sshConfig(hosts, paths), { mode }),
  ]);
  return sshConfigPath;
}

/** Calls `step` each second with the time since the last one; a step that takes longer is not overtaken. Returns the stop. */
function startClock(step: (seconds: number) => Promise<void>, log: DemoLog): () => Promise<void> {
  let previous = performance.now();
  let running: Promise<void> | null = null;
  let failed = false;
  const timer = setInterval(() => {
    if (running !== null) return;
    const now = performance.now();
    const seconds = Math.min(longestStepSeconds, (now - previous) / 1000);
    previous = now;
    running = step(seconds)
      .catch((error: unknown) => {
        if (!failed) log('warn', `the state of the demo hosts cannot be written: ${String(error)}`);
        failed = true;
      })
      .then(() => {
        running = null;
      });
  }, tickMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}

/** A port of 127.0.0.1 that refuses connections, below those that the system hands out by itself, so that it stays so. */
async function closedPort(): Promise<number> {
  for (let port = 20_022; port < 30_000; port += 100) {
    if (await refuses(port)) return port;
  }
  throw new AppError('internal', { detail: 'no closed port was found on 127.0.0.1' });
}

function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}
