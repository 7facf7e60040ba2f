/**
 * The demo cluster: real SSH servers on loopback with simulated GPUs and model servers behind them. It serves people who
 * want to see the app without a GPU at hand, and the tests.
 */

import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#common/failure.ts';
import { every } from '#common/timer.ts';
import { demoHosts } from './catalogue.ts';
import { createHostHome } from './host-home.ts';
import { type HostServices, startHostServices } from './host-services.ts';
import { type RunShell, shellAt, withoutShell } from './host-shell.ts';
import { type Key, newKey } from './keys.ts';
import { createLaunched, killLaunches } from './launched.ts';
import { probeAnswer } from './probe-answers.ts';
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
  /** What runs the commands of clients; default: `/bin/sh`, and the cluster's own process on Windows, which has none. */
  readonly shells?: 'sh' | 'in-process';
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
  const { shells = process.platform === 'win32' ? 'in-process' : 'sh' } = options;
  const directory = await mkdtemp(join(home, 'vllm-tray-demo-'));
  const parts: Parts = {
    directory,
    seed,
    shells,
    clientKey: newKey(),
    startedAtMs: Date.now(),
    hosts: [],
    launching: [],
    followers: [],
    writers: [],
    closers: [],
  };
  const endLaunches = () => {
    for (const { spec } of parts.launching) killLaunches(join(directory, spec.alias, 'home'));
  };
  const atExit = () => {
    for (const host of parts.hosts) host.kill();
    endLaunches();
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', atExit);
  let disposing: Promise<void> | null = null;
  const disposeOnce = async () => {
    await Promise.all(parts.closers.map((close) => close()));
    endLaunches();
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
      await Promise.all(parts.followers.map((follow) => follow()));
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
  readonly shells: 'sh' | 'in-process';
  readonly clientKey: Key;
  /** When the world's clock was 0. */
  readonly startedAtMs: number;
  readonly hosts: SshHost[];
  /** The hosts on which models can be started. */
  readonly launching: HostTruth[];
  /** Each brings what was started on one host into the world. */
  readonly followers: (() => Promise<void>)[];
  /** Each writes the state of one host. */
  readonly writers: (() => Promise<void>)[];
  readonly closers: (() => Promise<void>)[];
}

async function startHost(truth: HostTruth, parts: Parts): Promise<ConfiguredHost> {
  const { alias, behaviour } = truth.spec;
  if (behaviour.kind === 'unreachable')
    return { alias, port: await closedPort(), hostKey: null, known: true };
  const services = await startHostServices(truth, parts.seed);
  parts.closers.push(services.close);
  const hostKey = newKey();
  const ssh = await startSshHost({
    hostKey: hostKey.private,
    clientKey: parts.clientKey.parsed,
    behaviour,
    runShell: await shellOf(truth, services, parts),
    service: services.find,
  });
  parts.hosts.push(ssh);
  parts.closers.push(ssh.close);
  return { alias, port: ssh.port, hostKey: hostKey.public, known: behaviour.kind !== 'new-key' };
}

async function shellOf(truth: HostTruth, services: HostServices, parts: Parts): Promise<RunShell> {
  const hasGpus = truth.spec.gpu !== null;
  const state = () => stateFiles(truth, parts.startedAtMs);
  if (parts.shells === 'in-process')
    return withoutShell((request) =>
      probeAnswer({ hasGpus, state: state(), nowS: Math.floor(Date.now() / 1000) }, request),
    );
  const directory = join(parts.directory, truth.spec.alias);
  const files = await createHostHome(directory, hasGpus);
  parts.launching.push(truth);
  parts.followers.push(createLaunched({ truth, services, directory }));
  parts.writers.push(() => files.write(state()));
  return shellAt(files);
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
  const timer = every(tickMs, () => {
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
  });
  return async () => {
    timer.cancel();
    await running;
  };
}

/** A port of 127.0.0.1 that refuses connections, below those that the system hands out, so that it stays so. */
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
