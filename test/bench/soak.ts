// Many forwards under load through every fault, for a long time: prints what failed, how it came back, and what was left over.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { namespacesMissing } from '../lab/namespaces.ts';
import {
  type AppReport,
  connectionsOf,
  type Fault,
  faultKinds,
  type HostsMessage,
  isOf,
  type LoadReport,
  type LoadTarget,
  type PastFault,
  print,
} from './soak-report.ts';

const minutes = Number(process.argv[2] ?? 10);
const perSecond = Number(process.argv[3] ?? 500);
const hostCount = 5;
const portsPerHost = 10;
/** Between two faults of one host. The hosts begin one after the other. */
const quietMs = 25_000;
/** So long the app may take after the load until no connection is left. */
const mostIdleMs = 120_000;

const missing = namespacesMissing();
if (missing === null) await soak();
else console.log(`The soak needs hosts of its own: ${missing}.`);

async function soak(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vt-soak-'));
  const hosts = start('soak-hosts-process', [String(hostCount), String(portsPerHost)]);
  const { sshConfigPath, aliases, ports } = await answerOf(hosts, 'ready');
  const app = start(
    'soak-app-process',
    [sshConfigPath, folder, aliases.join(), ports.join()],
    ['--expose-gc'],
  );
  await once(app, 'message');
  const before = await ask<AppReport>(app, 'report');
  const targets = before.forwards.map(
    ({ id, hostId, localPort }): LoadTarget => ({ name: id, hostId, localPort }),
  );
  console.log(
    `${targets.length} forwards to ${hostCount} real sshd hosts, ${perSecond} requests a second for ${minutes} min` +
      ` (${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)} before).`,
  );
  const load = start('soak-load-process', [String(perSecond), JSON.stringify(targets)]);
  const loadSince = performance.now();
  const faults = await wreck({ hosts, app, load, aliases, targets });
  const seconds = (performance.now() - loadSince) / 1000;
  const end = await ask<LoadReport>(load, 'stop');
  const loaded = await ask<AppReport>(app, 'report');
  const idleSince = performance.now();
  while (connectionsOf(await ask<AppReport>(app, 'states')) > 0 && performance.now() - idleSince < mostIdleMs)
    await delay(200);
  const idleAfterMs = performance.now() - idleSince;
  // A check of health or a measurement may be under way at any moment.
  await delay(5000);
  const after = await ask<AppReport>(app, 'report');
  const { openConnections } = await answerOf(hosts, 'connections', { kind: 'connections' });
  const strange = end.failures.filter((failure) => !faults.some((fault) => isOf(failure, fault)));
  print({ before, loaded, after, end, faults, strange, seconds, idleAfterMs, openConnections });
  load.disconnect();
  app.disconnect();
  const [code] = await once(app, 'exit');
  console.log(`The app ended ${code === 0 ? 'with nothing left open' : `by force, with code ${code}`}.`);
  hosts.disconnect();
  await once(hosts, 'exit');
  await rm(folder, { recursive: true, force: true });
  const good = end.wrong === 0 && end.hung === 0 && code === 0 && strange.length === 0;
  process.exitCode = good ? 0 : 1;
}

interface Wreck {
  readonly hosts: ChildProcess;
  readonly app: ChildProcess;
  readonly load: ChildProcess;
  readonly aliases: readonly string[];
  readonly targets: readonly LoadTarget[];
}

/** Lets one fault after the other befall each host until time is up; resolves when the last one is over. */
async function wreck({ hosts, app, load, aliases, targets }: Wreck): Promise<readonly PastFault[]> {
  const past: PastFault[] = [];
  const faulty = new Set<string>();
  const until = performance.now() + minutes * 60_000;
  const befall = async (alias: string, fault: Fault): Promise<void> => {
    const startedAt = Date.now();
    faulty.add(alias);
    const localPort = targets.find(({ hostId }) => hostId === alias)?.localPort ?? 0;
    await answerOf(hosts, 'mended', { kind: 'fault', fault, alias, localPort }, alias);
    const mendedAt = Date.now();
    // What is dead may not be known to be so: a model that answers through each forward is what counts.
    while (!(await answers(targets, alias)) || !(await listens(app, alias))) await delay(100);
    past.push({ fault, hostId: alias, startedAt, mendedAt, backAt: Date.now() });
    faulty.delete(alias);
  };
  const spoil = async (alias: string, at: number): Promise<void> => {
    await delay((quietMs * (at + 1)) / aliases.length);
    for (let n = at; performance.now() + quietMs < until; n += 1) {
      await befall(alias, faultKinds[n % faultKinds.length] ?? 'session killed');
      await delay(quietMs);
    }
  };
  const progress = setInterval(() => void tellProgress(load, faulty), 60_000);
  await Promise.all([...aliases.map(spoil), delay(minutes * 60_000)]);
  clearInterval(progress);
  return past;
}

/** Whether each forward of the host answers a client that asks now. */
async function answers(targets: readonly LoadTarget[], alias: string): Promise<boolean> {
  const asked = targets
    .filter(({ hostId }) => hostId === alias)
    .map(({ localPort }) =>
      fetch(`http://127.0.0.1:${localPort}/v1/models`, {
        headers: { connection: 'close' },
        signal: AbortSignal.timeout(5000),
      }).then((response) => response.text()),
    );
  return (await Promise.allSettled(asked)).every(({ status }) => status === 'fulfilled');
}

async function listens(app: ChildProcess, alias: string): Promise<boolean> {
  const { forwards } = await ask<AppReport>(app, 'states');
  return forwards.every(({ hostId, listens: isUp }) => hostId !== alias || isUp);
}

async function tellProgress(load: ChildProcess, faulty: ReadonlySet<string>): Promise<void> {
  const { sent, ok, wrong } = await ask<LoadReport>(load, 'report');
  console.log(`  ${sent} sent, ${ok} right, ${wrong} wrong; faulty now: ${[...faulty].join(', ') || 'none'}`);
}

function start(name: string, args: readonly string[], execArgv: readonly string[] = []): ChildProcess {
  const program = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  return fork(program, args, { execArgv: [...execArgv] }).setMaxListeners(100);
}

interface HostsAnswer {
  readonly kind: 'ready' | 'mended' | 'connections';
  readonly alias: string;
  readonly sshConfigPath: string;
  readonly aliases: readonly string[];
  readonly ports: readonly number[];
  readonly openConnections: number;
}

/** Sends the message, if there is one, and waits for the answer of that kind, of that host. */
async function answerOf(
  hosts: ChildProcess,
  kind: HostsAnswer['kind'],
  message?: HostsMessage,
  alias?: string,
): Promise<HostsAnswer> {
  const answer = new Promise<HostsAnswer>((resolve) => {
    const listen = (said: unknown): void => {
      const found = said as HostsAnswer;
      if (found.kind !== kind || (alias !== undefined && found.alias !== alias)) return;
      hosts.off('message', listen);
      resolve(found);
    };
    hosts.on('message', listen);
  });
  if (message !== undefined) hosts.send(message);
  return answer;
}

/** One question at a time to each process; the answers come in order. */
async function ask<Answer>(child: ChildProcess, message: object | string): Promise<Answer> {
  const answered = once(child, 'message') as Promise<[Answer]>;
  child.send(message);
  return (await answered)[0];
}
