// Prints what the engine costs against one `ssh` process per question, on the same hosts in the same run.
import { fork } from 'node:child_process';
import { once, setMaxListeners } from 'node:events';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import type { Snapshot } from '#common/model.ts';
import { defaultSettings } from '#common/settings.ts';
import { createEngine } from '#engine/engine.ts';
import { createMonitor } from '#engine/scan/monitor.ts';
import { askNobody } from '#engine/ssh/asking.ts';
import { createPool } from '#engine/ssh/pool.ts';
import { createResolver } from '#engine/ssh/resolve.ts';
import { createTrust } from '#engine/ssh/trust.ts';
import { createStore } from '#engine/store.ts';
import { namespacesMissing } from '../lab/namespaces.ts';
import { type Cost, mean, measure } from './cpu.ts';
import { askByProcesses } from './reference.ts';

const hostCount = Number(process.argv[2] ?? 50);
const warmRounds = 20;

const missing = namespacesMissing();
if (missing !== null) {
  console.log(`The bench needs hosts of its own: ${missing}.`);
  process.exit(1);
}

const fleet = fork(fileURLToPath(new URL('fleet-process.mjs', import.meta.url)), [String(hostCount)]);
const [sshConfigPath] = (await once(fleet, 'message')) as [string];
try {
  await bench();
} finally {
  fleet.disconnect();
  await once(fleet, 'exit');
}

async function bench(): Promise<void> {
  const engine = await benchEngine();
  const refresh = await benchGpuRefresh();
  let hostsAnswered = 0;
  const aliases = Array.from({ length: hostCount }, (_, n) => `host-${n}`);
  const reference = await measure(async () => {
    hostsAnswered = await askByProcesses(sshConfigPath, aliases);
  });

  const perHost = (cost: Cost) => `${(cost.cpuMs / hostCount).toFixed(2)} ms`;
  const row = (title: string, cost: Cost, answered: number) => ({
    what: title,
    'hosts answered': `${answered} of ${hostCount}`,
    'wall time': `${cost.wallMs.toFixed(0)} ms`,
    'client CPU per host': perHost(cost),
    'wall ratio': `${(reference.wallMs / cost.wallMs).toFixed(1)} x`,
    'CPU ratio': `${(reference.cpuMs / cost.cpuMs).toFixed(1)} x`,
  });
  console.log(
    `${hostCount} real sshd hosts with 8 GPUs and one model server each, two ways in one run. Client CPU counts this` +
      ` process and its children. Warm figures are means of ${warmRounds} rounds.`,
  );
  console.table([
    row('one ssh process per question (4 per host, 32 at a time)', reference, hostsAnswered),
    row('cold scan: ssh -G, connect, GPUs, ports, models', engine.cold, engine.answered),
    row('warm scan: GPUs, ports, models', engine.warm, engine.answered),
    row('warm refresh: GPUs, and how busy the models are', refresh.cost, refresh.answered),
  ]);
}

const deps = { home: homedir(), env: process.env, log: () => undefined };

async function benchEngine(): Promise<{ cold: Cost; warm: Cost; answered: number }> {
  const source = { kind: 'ssh-config', path: sshConfigPath } as const;
  const engine = createEngine({ ...deps, source, sshConfigPath, settings: defaultSettings });
  const cold = await measure(async () => {
    await engine.loadHosts();
    await engine.scan();
  });
  const warm: Cost[] = [];
  for (let round = 0; round < warmRounds; round += 1) warm.push(await measure(() => engine.scan()));
  const answered = countAnswered(engine.snapshot(), true);
  await engine.dispose();
  return { cold, warm: mean(warm), answered };
}

/** What the watcher does every few seconds: the GPUs alone, over the open shells. */
async function benchGpuRefresh(): Promise<{ cost: Cost; answered: number }> {
  const source = { kind: 'ssh-config', path: sshConfigPath } as const;
  const listing = createEngine({ ...deps, source, sshConfigPath, settings: defaultSettings });
  await listing.loadHosts();
  const store = createStore(listing.snapshot());
  const resolver = createResolver({ ...deps, sshConfigPath, limit: defaultSettings.limits.configReads });
  const [limits, connectMs] = [() => defaultSettings.limits, () => defaultSettings.timeouts.connectMs];
  const [trust, recall] = [createTrust(() => undefined), askNobody];
  const pool = createPool({ ...deps, resolver, limits, connectMs, trust, recall });
  const monitors = store.current().hosts.map((host) =>
    createMonitor(host.id, {
      ...deps,
      pool,
      store,
      httpLimit: pLimit(defaultSettings.limits.httpRequests),
      remotePorts: null,
      apiKeyFor: () => null,
    }),
  );
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  const all = () => Promise.all(monitors.map((monitor) => monitor.measure({ ports: false, signal })));
  await all();
  const costs: Cost[] = [];
  for (let round = 0; round < warmRounds; round += 1) costs.push(await measure(all));
  const answered = countAnswered(store.snapshot(), false);
  for (const monitor of monitors) monitor.close();
  await pool.dispose();
  store.dispose();
  await listing.dispose();
  return { cost: mean(costs), answered };
}

function countAnswered(snapshot: Snapshot, withModels: boolean): number {
  const serving = new Set(
    snapshot.servers.filter((server) => server.models.length === 1).map((server) => server.hostId),
  );
  return snapshot.hosts.filter(
    (host) => host.state.kind === 'up' && host.gpus.length === 8 && (!withModels || serving.has(host.id)),
  ).length;
}
