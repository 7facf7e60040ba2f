// How long after an outage forwards and hosts are back, beside autossh, which has the same hosts and the same outages.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { cpus, homedir, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { isUp } from '#common/select/hosts.ts';
import type { Engine } from '#engine/engine.ts';
import { type Fleet, startFleet } from '../lab/fleet.ts';
import { cut, namespacesMissing, routeThrough, unplug } from '../lab/namespaces.ts';
import { sshdProcesses } from '../lab/sshd-processes.ts';
import { engineFor } from '../support/engine-for.ts';
import { signalAll } from '../support/processes.ts';
import { freePort } from '../support/ssh/sshd.ts';

type Fault = 'link down' | 'cut on the way' | 'sshd ended' | 'sshd restarts 36 times';

interface Outage {
  readonly fault: Fault;
  readonly seconds: number;
  /** Whether a client asks at the forward meanwhile. */
  readonly asked: boolean;
}

const shortest = Number(process.argv[2] ?? 0);
const longest = Number(process.argv[3] ?? 180);
const outages: readonly Outage[] = [
  ...[5, 31, 75, 180].map((seconds): Outage => ({ fault: 'link down', seconds, asked: true })),
  ...[5, 31, 75].map((seconds): Outage => ({ fault: 'cut on the way', seconds, asked: true })),
  ...[31, 75].map((seconds): Outage => ({ fault: 'sshd ended', seconds, asked: true })),
  { fault: 'link down', seconds: 75, asked: false },
  { fault: 'sshd ended', seconds: 75, asked: false },
  { fault: 'cut on the way', seconds: 75, asked: false },
  { fault: 'sshd restarts 36 times', seconds: 150, asked: true },
].filter(({ seconds }) => seconds >= shortest && seconds <= longest) as readonly Outage[];

/** Between this computer and the hosts: no interface of this computer shows what befalls them. */
const router = 'router';
const askEveryMs = 250;
const mostAsked = 8;
const patienceMs = 5000;
const mostMs = 300_000;
const modelPort = 8000;

async function measureAll(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vt-recovery-'));
  const aliases = outages.map((_, n) => `host-${n}`);
  const models = [{ port: modelPort, id: 'org/model' }];
  const hosts = aliases.map((alias) => ({
    alias,
    gpus: [],
    models,
    behind: router,
    ssh: ['ProxyJump none'],
  }));
  const fleet = await startFleet([{ alias: router, gpus: null }, ...hosts]);
  await routeThrough(fleet.namespaceOf(router), aliases.map(fleet.namespaceOf));
  const engine = engineFor(fleet.sshConfigPath, {
    settings: { welcomed: true, localPorts: { from: 18_200, to: 18_299 } },
    home: homedir(),
    env: process.env,
    dataFolder: folder,
  });
  const others: ChildProcess[] = [];
  try {
    const held = monitorEventLoopDelay();
    held.enable();
    await engine.loadHosts();
    await engine.scan();
    engine.begin();
    console.log(`${outages.length} outages at once, each of a host of its own (${machine()}):`);
    const rows = await Promise.all(
      outages.map(async (outage, n) => {
        const alias = aliases[n] as string;
        const { localPort } = await engine.handlers['forward.open']({ hostId: alias, remotePort: modelPort });
        const otherPort = await freePort();
        others.push(startAutossh(fleet.sshConfigPath, alias, otherPort));
        return measure({ fleet, engine, alias, outage, ports: { own: localPort ?? 0, other: otherPort } });
      }),
    );
    console.table(rows);
    console.log(`This process was held up for ${(held.max / 1e6).toFixed(0)} ms at most.`);
  } finally {
    for (const other of others) await end(other);
    await engine.dispose();
    await fleet.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Case {
  readonly fleet: Fleet;
  readonly engine: Engine;
  readonly alias: string;
  readonly outage: Outage;
  readonly ports: { readonly own: number; readonly other: number };
}

async function measure({ fleet, engine, alias, outage, ports }: Case): Promise<object> {
  const { fault, seconds, asked } = outage;
  const other = watchPort(ports.other);
  const own = asked ? watchPort(ports.own) : watchForward(engine, alias);
  await Promise.all([own.answers(0), other.answers(0)]);
  await faults[fault](fleet, alias, seconds);
  const since = performance.now();
  const mendedAt = Date.now();
  const [ownMs, otherMs, hostMs] = await Promise.all([
    own.answers(since),
    other.answers(since),
    untilHost(engine, alias, mendedAt),
  ]);
  own.end();
  other.end();
  const after = (ms: number | null): string =>
    ms === null ? `over ${mostMs / 1000} s` : `${(ms / 1000).toFixed(1)} s`;
  return {
    outage: `${fault}, ${seconds} s`,
    'a client asks': asked ? 'every 0.25 s' : 'none',
    'forward back after': after(ownMs),
    'autossh back after': after(otherMs),
    'host back after': after(hostMs),
  };
}

const faults: Readonly<Record<Fault, (fleet: Fleet, alias: string, seconds: number) => Promise<void>>> = {
  async 'link down'(fleet, alias, seconds) {
    await unplug(fleet.namespaceOf(router), fleet.namespaceOf(alias), true);
    await delay(seconds * 1000);
    await unplug(fleet.namespaceOf(router), fleet.namespaceOf(alias), false);
  },
  async 'cut on the way'(fleet, alias, seconds) {
    await cut(fleet.namespaceOf(router), fleet.namespaceOf(alias), true);
    await delay(seconds * 1000);
    await cut(fleet.namespaceOf(router), fleet.namespaceOf(alias), false);
  },
  async 'sshd ended'(fleet, alias, seconds) {
    await endSshd(fleet, alias);
    await delay(seconds * 1000);
    fleet.restartSshd(alias);
  },
  async 'sshd restarts 36 times'(fleet, alias, seconds) {
    const times = 36;
    for (let n = 0; n < times; n += 1) {
      if (n > 0) await delay((seconds * 1000) / times);
      await endSshd(fleet, alias);
      fleet.restartSshd(alias);
    }
  },
};

async function endSshd(fleet: Fleet, alias: string): Promise<void> {
  const { listener, sessions } = await sshdProcesses(fleet.namespaceOf(alias));
  signalAll([...listener, ...sessions], 'SIGKILL');
}

interface Watched {
  /** Milliseconds from that moment to the first sign of life after it; null where there is none in time. */
  answers(since: number): Promise<number | null>;
  end(): void;
}

/** Asks at the port every 0.25 s, whether or not the latest few questions are answered. */
function watchPort(port: number): Watched {
  let answeredAt = Number.NEGATIVE_INFINITY;
  let asked = 0;
  const ask = (): void => {
    if (asked >= mostAsked) return;
    asked += 1;
    const request = get({ host: '127.0.0.1', port, path: '/v1/models', agent: false, timeout: patienceMs });
    request.on('timeout', () => request.destroy()).on('error', () => undefined);
    request.once('close', () => {
      asked -= 1;
    });
    request.once('response', (response) => {
      response.on('error', () => undefined).resume();
      if (response.statusCode === 200) answeredAt = performance.now();
    });
  };
  const timer = setInterval(ask, askEveryMs);
  return {
    answers: (since) => until(() => (answeredAt > since ? answeredAt - since : null), since),
    end: () => clearInterval(timer),
  };
}

/** Looks at what the app says of its forward, and asks nothing. */
function watchForward(engine: Engine, alias: string): Watched {
  let state = '';
  let listensSince = Number.NEGATIVE_INFINITY;
  const timer = setInterval(() => {
    const next = engine.snapshot().forwards.find(({ hostId }) => hostId === alias)?.state.kind ?? '';
    if (next === 'listening' && state !== 'listening') listensSince = performance.now();
    state = next;
  }, 50);
  const answers = (since: number): Promise<number | null> =>
    until(() => (state === 'listening' ? Math.max(0, listensSince - since) : null), since);
  return { answers, end: () => clearInterval(timer) };
}

function untilHost(engine: Engine, alias: string, mendedAt: number): Promise<number | null> {
  return until(() => {
    const host = engine.snapshot().hosts.find(({ id }) => id === alias);
    const isBack = host !== undefined && isUp(host.state) && (host.measuredAt ?? 0) > mendedAt;
    return isBack ? (host.measuredAt ?? 0) - mendedAt : null;
  }, performance.now());
}

async function until(look: () => number | null, since: number): Promise<number | null> {
  const startedAt = since === 0 ? performance.now() : since;
  while (performance.now() - startedAt < mostMs) {
    const found = look();
    if (found !== null) return found;
    await delay(20);
  }
  return null;
}

function startAutossh(sshConfigPath: string, alias: string, port: number): ChildProcess {
  const forward = `127.0.0.1:${port}:127.0.0.1:${modelPort}`;
  const options = ['ServerAliveInterval=5', 'ExitOnForwardFailure=yes'].flatMap((option) => ['-o', option]);
  return spawn('autossh', ['-M', '0', '-N', '-F', sshConfigPath, ...options, '-L', forward, alias], {
    stdio: 'ignore',
    // With its ssh, which would outlive it.
    detached: true,
    env: { ...process.env, AUTOSSH_POLL: '5', AUTOSSH_GATETIME: '0' },
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  await ended;
}

function machine(): string {
  return `${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)} before`;
}

/**
 * Runs this program in a network of its own: each interface that another lab on this computer adds or removes is a change
 * of the network, after which the app tries everything at once.
 */
function runAlone(): void {
  const script = 'ip link set lo up && exec "$0" "$@"';
  const program = [process.execPath, process.argv[1] ?? '', String(shortest), String(longest), 'alone'];
  const { status } = spawnSync('unshare', ['-n', 'sh', '-c', script, ...program], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

const missing = namespacesMissing();
if (missing === null) {
  if (process.argv[4] === 'alone') await measureAll();
  else runAlone();
} else console.log(`Recovery needs hosts of its own: ${missing}.`);
