import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Snapshot } from '#common/model.ts';
import { applyPatch, type Patch } from '#common/reduce.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { createHistory } from '#engine/history/history.ts';
import { bytesInUse } from '../memory.ts';
import { benchEngine, countAnswered } from './bench-engine.ts';
import { cpuMs, measure } from './cpu.ts';
import { startHosts } from './hosts.ts';
import { describeStalls, watchStalls } from './stalls.ts';

const settleMs = 30_000;
const watchMs = 60_000;
const hiddenMs = 12_000;

/** A thousand simulated hosts with 8 GPUs each: memory, the size of patches, and whether the event loop keeps up. */
export async function benchScale(count = 1000): Promise<void> {
  const hosts = await startHosts(count, 'simulated');
  const before = { inUse: bytesInUse(), rss: process.memoryUsage().rss };
  const engine = benchEngine(hosts.sshConfigPath);
  try {
    const whileCold = watchStalls();
    const cold = await measure(async () => {
      await engine.loadHosts();
      await engine.scan();
    });
    const coldStalls = whileCold.stop();
    engine.watch();
    await delay(settleMs);
    const face = followAsFace(engine);
    const cpuBefore = cpuMs();
    const whileWatching = watchStalls();
    await delay(watchMs);
    const stalls = whileWatching.stop();
    const cpuPct = ((cpuMs() - cpuBefore) / watchMs) * 100;
    const followed = face.stop();
    const { rss } = process.memoryUsage();
    // While nobody looks, all become due.
    engine.setShown(false);
    await delay(hiddenMs);
    const whileAllDue = watchStalls();
    engine.setShown(true);
    await delay(defaultSettings.cadence.gpusMs);
    const allDue = whileAllDue.stop();
    const inUse = bytesInUse();
    const snapshot = engine.snapshot();
    const wholeBytes = JSON.stringify(snapshot.hosts).length + JSON.stringify(snapshot.servers).length;
    const { gpusMs } = defaultSettings.cadence;
    console.log(
      [
        `${count} simulated hosts in another process: real SSH connections over loopback, on each a shell and a model server`,
        'that answer as those of real hosts do, with 8 GPUs of which every number moves with each sample and 40 KB of metrics;',
        `no programs run there. GPUs and metrics every ${gpusMs / 1000} s. One face follows: it turns each patch into JSON and back.`,
        `Hosts answered: ${countAnswered(snapshot)} of ${count}; first scan ${(cold.wallMs / 1000).toFixed(1)} s,`,
        `${(cold.cpuMs / count).toFixed(1)} ms of client CPU per host. Event loop late in it: ${describeStalls(coldStalls)}.`,
        `Watching, over ${watchMs / 1000} s: ${cpuPct.toFixed(0)} % of one core, the face's part included; samples taken: ${followed.samples} of ${(count * watchMs) / gpusMs}.`,
        `Event loop late: ${describeStalls(stalls)};`,
        `when all were due at once, because the window was shown again: ${describeStalls(allDue)}.`,
        `Patches: ${followed.patches}, ${kib((followed.bytes / watchMs) * 1000)} KiB/s of JSON; with whole hosts and servers it would be` +
          ` ${kib((wholeBytes / gpusMs) * 1000)} KiB/s. The face's Snapshot at the end is ${followed.isSame ? 'the same' : 'NOT THE SAME'}.`,
        `Memory, grown since before the engine: ${mib(rss - before.rss)} MiB RSS, ${mib(inUse - before.inUse)} MiB in use after a collection;`,
        `a day of history of all these hosts and servers, of which it had ${((settleMs + watchMs) / 60_000).toFixed(1)} minutes, takes ${mib(fullHistoryBytes(snapshot))} MiB.`,
      ].join('\n'),
    );
  } finally {
    await engine.dispose();
    await hosts.stop();
  }
}

/** What a window does, across a wire. */
function followAsFace(engine: Engine) {
  let snapshot = engine.snapshot();
  let [bytes, patches, samples] = [0, 0, 0];
  const unsubscribe = engine.subscribe((patch) => {
    const text = JSON.stringify(patch);
    bytes += text.length;
    patches += 1;
    samples += patch.hosts?.steps?.length ?? 0;
    const next = applyPatch(snapshot, JSON.parse(text) as Patch);
    if (next === 'gap') throw new Error('a patch is missing');
    snapshot = next;
  });
  return {
    stop() {
      const published: unknown = JSON.parse(JSON.stringify(engine.snapshot()));
      unsubscribe();
      return { bytes, patches, samples, isSame: isDeepStrictEqual(snapshot, published) };
    },
  };
}

/** The memory of a history that has all it ever keeps: a day of means, and half an hour of samples. */
function fullHistoryBytes(snapshot: Snapshot): number {
  const before = bytesInUse();
  let now = Date.now();
  const history = createHistory(() => now);
  const take = (everyMs: number, times: number): void => {
    for (let round = 0; round < times; round += 1) {
      now += everyMs;
      const measuredAt = now;
      history.observe({
        ...snapshot,
        hosts: snapshot.hosts.map((host) => ({ ...host, measuredAt })),
        servers: snapshot.servers.map((server) => ({ ...server, loads: [...server.loads] })),
      });
    }
  };
  take(300_000, 288);
  take(5000, 360);
  const bytes = bytesInUse() - before;
  if (history.ids().length === 0) throw new Error('no history');
  return bytes;
}

const kib = (bytes: number): string => (bytes / 1024).toFixed(0);
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
