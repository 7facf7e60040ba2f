import { setTimeout as delay } from 'node:timers/promises';
import type { HostId } from '#common/ids.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { benchEngine, countAnswered } from './bench-engine.ts';
import { cpuMs, measure } from './cpu.ts';
import type { FirstHostCounts } from './fleet-process.ts';
import { type BenchHosts, startHosts } from './hosts.ts';
import { showRows, windowRows } from './rows-in-view.ts';
import { describeStalls, watchStalls } from './stalls.ts';

const settleMs = 30_000;
const watchMs = 60_000;

/** What it costs to watch many real hosts at the default cadence, with and without the load of their models. */
export async function benchWatch(count = 300): Promise<void> {
  const hosts = await startHosts(count);
  try {
    console.log(
      `${count} real sshd hosts, each in a network namespace with a connection of its own, 8 GPUs and one model server with` +
        ' 40 KB of metrics, which it packs with gzip. The hosts run on the same cores; what the kernel does for their end of' +
        ' the links it counts to whoever sends.',
    );
    for (const withModels of [true, false]) await watchHosts(hosts, withModels);
  } finally {
    await hosts.stop();
  }
}

async function watchHosts(hosts: BenchHosts, withModels: boolean): Promise<void> {
  const count = hosts.aliases.length;
  const { gpusMs, portsMs } = defaultSettings.cadence;
  const engine = benchEngine(hosts.sshConfigPath, withModels);
  try {
    const whileCold = watchStalls();
    const cold = await measure(async () => {
      await engine.loadHosts();
      await engine.scan();
    });
    const coldStalls = whileCold.stop();
    engine.watch();
    const hostIds = engine.snapshot().hosts.map(({ id }) => id);
    console.log(
      [
        withModels
          ? `\nGPUs and metrics every ${gpusMs / 1000} s, processes, ports and models every ${portsMs / 1000} s.`
          : `\nGPUs alone every ${gpusMs / 1000} s, processes every ${portsMs / 1000} s.`,
        `Hosts answered: ${countAnswered(engine.snapshot(), withModels)} of ${count}; first scan ${(cold.wallMs / 1000).toFixed(1)} s,`,
        `${(cold.cpuMs / count).toFixed(1)} ms of client CPU per host, of it the kernel's ${(cold.systemMs / count).toFixed(1)} ms; event loop late ${describeStalls(coldStalls)}.`,
      ].join('\n'),
    );
    // What a measurement costs without models, all of them at the full rate say as well.
    for (const rows of withModels ? [Math.min(windowRows, count), count] : [count])
      await watchRows(engine, hosts, { hostIds, rows });
  } finally {
    await engine.dispose();
  }
}

interface Rows {
  readonly hostIds: readonly HostId[];
  /** Hosts on the screen of a window, which are measured at the full rate; the others as seldom as they then are. */
  readonly rows: number;
}

async function watchRows(engine: Engine, hosts: BenchHosts, { hostIds, rows }: Rows): Promise<void> {
  const shown = showRows(engine, hostIds.slice(0, rows));
  const count = hostIds.length;
  await delay(settleMs);
  const [cpuBefore, bytesBefore, countsBefore] = [cpuMs(), hosts.wireBytes(), await hosts.firstHost()];
  let samples = 0;
  const unsubscribe = engine.subscribe((patch) => {
    samples += patch.hosts?.steps?.length ?? 0;
  });
  await delay(watchMs);
  unsubscribe();
  const cpuPct = ((cpuMs() - cpuBefore) / watchMs) * 100;
  const bytesPerSecond = ((hosts.wireBytes() - bytesBefore) / watchMs) * 1000;
  const counts = difference(await hosts.firstHost(), countsBefore);
  // Apart from the CPU time, which watching the stalls would add to.
  const whileWatching = watchStalls();
  await delay(watchMs / 2);
  const stalls = whileWatching.stop();
  shown.end();
  console.log(
    [
      `With ${rows} of ${count} hosts on the screen:`,
      `Client CPU over ${watchMs / 1000} s: ${cpuPct.toFixed(1)} % of one core; ${samples} samples, ${((cpuPct * watchMs) / 100 / samples).toFixed(2)} ms for each, all else included.`,
      `Event loop late while watching: ${describeStalls(stalls)}.`,
      `On the wire, both ways: ${Math.round(bytesPerSecond / count)} bytes per host and second, ${Math.round((bytesPerSecond * watchMs) / 1000 / samples)} for each sample.`,
      `The first host was asked in a minute: ${Object.entries(counts)
        .map(([what, times]) => `${what} ${times}`)
        .join(', ')}.`,
    ].join('\n'),
  );
}

function difference(after: FirstHostCounts, before: FirstHostCounts): FirstHostCounts {
  return {
    'nvidia-smi': after['nvidia-smi'] - before['nvidia-smi'],
    ss: after.ss - before.ss,
    http: after.http - before.http,
  };
}
