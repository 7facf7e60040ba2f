import { setTimeout as delay } from 'node:timers/promises';
import type { HostId } from '#common/ids.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import type { Engine } from '#engine/engine.ts';
import { createHistory } from '#engine/history/history.ts';
import { bytesInUse } from '../support/memory.ts';
import { benchEngine, countAnswered } from './bench-engine.ts';
import { cpuMs, measure } from './cpu.ts';
import { followAsFace } from './face.ts';
import { startHosts } from './hosts.ts';
import { showRows, windowRows } from './rows-in-view.ts';
import { describeStalls, watchStalls } from './stalls.ts';

const settleMs = 30_000;
const watchMs = 60_000;
const hiddenMs = 12_000;

/** A thousand simulated hosts with 8 GPUs each: memory, the size of patches, and whether the event loop keeps up. */
export async function benchScale(count = 1000): Promise<void> {
  const hosts = await startHosts(count, 'simulated');
  try {
    await watchWithModels(hosts.sshConfigPath, count);
    await watchWithoutModels(hosts.sshConfigPath, count);
  } finally {
    await hosts.stop();
  }
}

/** All that a host is asked for, with its servers. */
async function watchWithModels(sshConfigPath: string, count: number): Promise<void> {
  const before = { inUse: bytesInUse(), rss: process.memoryUsage().rss };
  const engine = benchEngine(sshConfigPath);
  const { gpusMs } = defaultSettings.cadence;
  console.log(
    `${count} simulated hosts in another process: real SSH connections over loopback, on each a shell and a model server that` +
      ' answer as those of real hosts do, with 8 GPUs of which four numbers move with each sample and 40 KB of metrics; no' +
      ` programs run there. GPUs and metrics every ${gpusMs / 1000} s. A face in a third process follows.`,
  );
  try {
    await scanOnce(engine, count);
    engine.watch();
    const watchedFrom = performance.now();
    const hostIds = engine.snapshot().hosts.map(({ id }) => id);
    for (const rows of [Math.min(windowRows, count), count]) await watch(engine, hostIds, rows);
    const { rss } = process.memoryUsage();
    const shown = showRows(engine, hostIds);
    await showAgain(engine);
    shown.end();
    const inUse = bytesInUse();
    const watchedMinutes = ((performance.now() - watchedFrom) / 60_000).toFixed(1);
    console.log(
      `Memory, grown since before the engine: ${mib(rss - before.rss)} MiB RSS, ${mib(inUse - before.inUse)} MiB in use after a` +
        ` collection; a day of history of all of them, of which it had ${watchedMinutes} minutes, takes` +
        ` ${mib(fullHistoryBytes(engine.snapshot()))} MiB.`,
    );
  } finally {
    await engine.dispose();
  }
}

/** What GPUs alone take, of the same hosts. */
async function watchWithoutModels(sshConfigPath: string, count: number): Promise<void> {
  const engine = benchEngine(sshConfigPath, false);
  try {
    console.log('Without model servers and their metrics:');
    await scanOnce(engine, count, false);
    engine.watch();
    const hostIds = engine.snapshot().hosts.map(({ id }) => id);
    await watch(engine, hostIds, Math.min(windowRows, count));
  } finally {
    await engine.dispose();
  }
}

async function scanOnce(engine: Engine, count: number, withModels = true): Promise<void> {
  const stalls = watchStalls();
  const { wallMs, cpuMs } = await measure(async () => {
    await engine.loadHosts();
    await engine.scan();
  });
  console.log(
    `First scan: ${countAnswered(engine.snapshot(), withModels)} of ${count} answered, ${(wallMs / 1000).toFixed(1)} s,` +
      ` ${(cpuMs / count).toFixed(1)} ms of client CPU per host; event loop late ${describeStalls(stalls.stop())}.`,
  );
}

/** With so many hosts on the screen of a window, which are measured at the full rate; the others as seldom as they then are. */
async function watch(engine: Engine, hostIds: readonly HostId[], rows: number): Promise<void> {
  const { gpusMs } = defaultSettings.cadence;
  const shown = showRows(engine, hostIds.slice(0, rows));
  await delay(settleMs);
  const face = followAsFace(engine);
  const stalls = watchStalls();
  const cpuBefore = cpuMs();
  await delay(watchMs);
  const cpuPct = ((cpuMs() - cpuBefore) / watchMs) * 100;
  const late = describeStalls(stalls.stop());
  const { patches, bytes, samples, isSame, stalls: faces } = await face.stop();
  shown.end();
  const { hosts, servers } = engine.snapshot();
  const wholeBytes = JSON.stringify(hosts).length + JSON.stringify(servers).length;
  console.log(
    `Watching for ${watchMs / 1000} s with ${rows} of ${hostIds.length} hosts on the screen: ${cpuPct.toFixed(1)} % of one core, the` +
      ` JSON for the face included; ${samples} samples, ${((cpuPct * watchMs) / 100 / samples).toFixed(2)} ms for each, all else` +
      ` included; event loop late ${late}.\nPatches: ${patches}, ${kib((bytes / watchMs) * 1000)} KiB/s of JSON; with whole hosts and` +
      ` servers, all of them each time, it would be ${kib((wholeBytes / gpusMs) * 1000)} KiB/s. The face's Snapshot at the end is` +
      ` ${isSame ? 'the same' : 'NOT THE SAME'}; the event loop of the face, which also draws the tray's menu once a second, was late` +
      ` ${describeStalls(faces)}.`,
  );
}

/** All become due while nobody looks. */
async function showAgain(engine: Engine): Promise<void> {
  engine.setShown(false);
  await delay(hiddenMs);
  const stalls = watchStalls();
  engine.setShown(true);
  await delay(defaultSettings.cadence.gpusMs);
  console.log(`Shown again after a while, all hosts due: event loop late ${describeStalls(stalls.stop())}.`);
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
