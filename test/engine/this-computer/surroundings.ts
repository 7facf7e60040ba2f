/** A computer of its own for other programs: a tmux server, ssh clients to a real sshd, and an engine that looks at them. */

import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LocalServer } from '#common/local-servers.ts';
import type { OtherForward } from '#common/other-forwards.ts';
import type { Settings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor } from '../../support/engine-for.ts';
import { signalAll } from '../../support/processes.ts';
import {
  freePort,
  type HostOptions,
  type Sshd,
  sshdAvailable,
  startSshd,
  writeSshConfig,
} from '../../support/ssh/sshd.ts';

const exec = promisify(execFile);

/** Whether sshd and tmux are here; prints what is missing, for `describe.skipIf(!programsAvailable())`. */
export function programsAvailable(): boolean {
  const hasTmux = spawnSync('tmux', ['-V']).error === undefined;
  if (!hasTmux) console.warn('skipped: there is no tmux here; install tmux');
  return sshdAvailable() && hasTmux;
}

export interface Surroundings {
  readonly sshd: Sshd;
  /** Holds the configuration and everything else; gone after `stop`. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly configPath: string;
  createEngine(settings?: Partial<Settings>): Promise<Engine>;
  tmux(...args: readonly string[]): Promise<string>;
  sessions(): Promise<readonly string[]>;
  /** Runs `ssh -F <the configuration>` to its end, which with `-f` is when it has gone to the background. */
  ssh(...args: readonly string[]): Promise<void>;
  /** The processes whose command lines contain this. */
  pidsOf(text: string): Promise<readonly number[]>;
  stop(): Promise<void>;
}

export interface HostEntry {
  readonly alias: string;
  /** On top of those that lead to the sshd. */
  readonly options?: HostOptions;
}

export async function startSurroundings(hosts: readonly HostEntry[]): Promise<Surroundings> {
  const sshd = await startSshd();
  const home = await mkdtemp(join(tmpdir(), 'vt-other-forwards-'));
  const configPath = await writeSshConfig(
    home,
    hosts.map(({ alias, options }) => ({ alias, options: { ...sshd.hostOptions(), ...options } })),
  );
  const { TMUX: _ours, TMUX_PANE: _pane, ...outside } = process.env;
  const env = { ...outside, HOME: home, TMUX_TMPDIR: home };
  const engines: Engine[] = [];
  const tmux = async (...args: readonly string[]): Promise<string> => {
    for (;;) {
      try {
        return (await exec('tmux', ['-u', ...args], { env })).stdout;
      } catch (error) {
        // The server ends with its last session, and is about to.
        if (!/server exited unexpectedly|lost server/.test(String(error))) throw error;
      }
    }
  };
  const pidsOf = async (text: string): Promise<readonly number[]> => {
    const { stdout } = await exec('ps', ['-A', '-ww', '-o', 'pid=', '-o', 'args=']);
    const lines = stdout.split('\n').filter((line) => line.includes(text) && !line.includes('<defunct>'));
    return lines.map((line) => Number.parseInt(line, 10));
  };
  return {
    sshd,
    home,
    env,
    configPath,
    async createEngine(settings = {}) {
      const engine = engineFor(configPath, {
        source: { kind: 'ssh-config', path: configPath, configFile: configPath },
        settings,
        home,
        env,
      });
      engines.push(engine);
      await engine.loadHosts();
      return engine;
    },
    tmux,
    async sessions() {
      const names = await tmux('list-sessions', '-F', '#{session_name}').catch(() => '');
      return names.split('\n').filter((name) => name !== '');
    },
    async ssh(...args) {
      const child = execFile('ssh', ['-F', configPath, ...args], { env });
      // What goes to the background keeps the pipes.
      const code = await new Promise((resolve) => child.once('exit', resolve));
      child.stdout?.destroy();
      child.stderr?.destroy();
      if (code !== 0) throw new Error(`ssh ${args.join(' ')} ended with ${code}`);
    },
    pidsOf,
    async stop() {
      for (const engine of engines) await engine.dispose();
      await tmux('kill-server').catch(() => undefined);
      signalAll(await pidsOf(configPath), 'SIGTERM');
      await sshd.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Looks now, and answers the forwards of others at these local ports: beside them may be any number of those of people. */
export async function lookFor(engine: Engine, ports: readonly number[]): Promise<readonly OtherForward[]> {
  await engine.lookAround({});
  return engine.snapshot().otherForwards.forwards.filter(({ localPort }) => ports.includes(localPort));
}

export function serversAt(engine: Engine, ports: readonly number[]): readonly LocalServer[] {
  return engine.snapshot().localServers.filter(({ port }) => ports.includes(port));
}

export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
