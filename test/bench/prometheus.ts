// A fleet behind a real Prometheus: how soon its rows are there, and what it costs to follow them.
import { fork } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { deserialize, serialize } from 'node:v8';
import { describeFailure } from '#common/failure.ts';
import { newPrometheusSource } from '#common/prometheus.ts';
import { byPace, knownGauges } from '#engine/sources/prometheus/exporters/registry.ts';
import { adderTo, createSeriesBook, type MeasuredGpus } from '#engine/sources/prometheus/measured.ts';
import { gaugesQuery } from '#engine/sources/prometheus/queries.ts';
import { eachSample } from '#engine/sources/prometheus/text-samples.ts';
import { engineFor } from '../support/engine-for.ts';
import { bytesInUse } from '../support/memory.ts';
import { haveAll, startPrometheus } from '../support/prometheus.ts';
import { cpuMs } from './cpu.ts';
import { describeMachine } from './machine.ts';
import { describeStalls, watchStalls } from './stalls.ts';

const scrapeS = 15;
const watchMs = 60_000;
const mostWaitMs = 180_000;

async function benchPrometheus(count: number): Promise<void> {
  console.log(`\n# prometheus\n${await describeMachine()}`);
  const exporters = fork(path.join(import.meta.dirname, 'exporters-process.mjs'));
  const [port] = (await once(exporters, 'message')) as [number];
  const targets = Array.from({ length: count }, (_none, at) => ({
    port,
    instance: `gpu-${String(at).padStart(4, '0')}:9400`,
    labels: { __metrics_path__: `/m/${at}` },
  }));
  const prometheus = await startPrometheus(targets, [], scrapeS);
  console.log(
    `${count} simulated exporters of 8 GPUs, scraped every ${scrapeS} s by a real Prometheus, all on this machine.`,
  );
  try {
    await untilScraped(prometheus.url, count);
    await follow(prometheus.url);
    await readOne(prometheus.url);
  } finally {
    await prometheus.stop();
    exporters.disconnect();
  }
}

async function follow(url: string): Promise<void> {
  const before = { inUse: bytesInUse(), rss: process.memoryUsage().rss };
  const engine = engineFor('/nonexistent-config', {
    settings: { prometheus: [newPrometheusSource('bench', url)], welcomed: true },
  });
  try {
    const stalls = watchStalls();
    const [startedAt, cpuBefore] = [performance.now(), cpuMs()];
    await engine.loadHosts();
    const [queries, unmeasure] = measureQueries();
    let first = '';
    const unfollow = engine.subscribe(() => {
      const { hosts } = engine.snapshot();
      if (hosts.length === 0 || first !== '') return;
      first = `${hosts.length} hosts after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
    });
    await engine.scan();
    unfollow();
    unmeasure();
    const [state] = engine.snapshot().prometheus;
    if (state?.state.kind === 'failed')
      console.log(`The first answer failed: ${describeFailure(state.state.failure)}.`);
    console.log(
      `First rows: ${first}; all: ${state?.hosts} hosts, ${state?.gpus} GPUs after ${((performance.now() - startedAt) / 1000).toFixed(1)} s,` +
        ` ${(cpuMs() - cpuBefore).toFixed(0)} ms of CPU; event loop late ${describeStalls(stalls.stop())}.`,
    );
    console.log(`Queries until then, in the order of their ends, in ms: ${queries.join(' ')}.`);
    engine.watch();
    await delay(scrapeS * 1000);
    let bytes = 0;
    let patches = 0;
    const stop = engine.subscribe((patch) => {
      bytes += JSON.stringify(patch).length;
      patches += 1;
    });
    const watched = watchStalls();
    const cpuAt = cpuMs();
    await delay(watchMs);
    const cpuPct = ((cpuMs() - cpuAt) / watchMs) * 100;
    stop();
    console.log(
      `Watching for ${watchMs / 1000} s: ${cpuPct.toFixed(1)} % of one core, the JSON of the patches included; ${patches} patches,` +
        ` ${(bytes / 1024 / (watchMs / 1000)).toFixed(0)} KiB/s; event loop late ${describeStalls(watched.stop())}.`,
    );
    const grown = (after: number, from: number): string => ((after - from) / 1_048_576).toFixed(0);
    const { rss } = process.memoryUsage();
    console.log(
      `Memory, grown: ${grown(rss, before.rss)} MiB RSS, ${grown(bytesInUse(), before.inUse)} MiB in use after a collection.`,
    );
  } finally {
    await engine.dispose();
  }
}

/** How long each request took from when it was sent to the beginning of its answer: what Prometheus needs for it. */
function measureQueries(): readonly [times: readonly string[], stop: () => void] {
  const times: string[] = [];
  const sent = new WeakMap<object, number>();
  const onStart = (message: unknown): void => {
    sent.set((message as { request: object }).request, performance.now());
  };
  const onAnswer = (message: unknown): void => {
    const at = sent.get((message as { request: object }).request);
    if (at !== undefined) times.push((performance.now() - at).toFixed(0));
  };
  subscribe('http.client.request.start', onStart);
  subscribe('http.client.response.finish', onAnswer);
  return [
    times,
    () => {
      unsubscribe('http.client.request.start', onStart);
      unsubscribe('http.client.response.finish', onAnswer);
    },
  ];
}

/** What one answer costs the main thread, and what it would cost if a worker read it. */
async function readOne(url: string): Promise<void> {
  // Of 300 hosts with 8 GPUs each: about what a part holds.
  const names = byPace([...knownGauges.keys()]).moving;
  const query = gaugesQuery(names, 'instance=~"gpu-0[0-2].*"');
  const answer = await fetch(`${url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query }) });
  const body = await answer.text();
  const raw = { status: 200, contentType: 'application/json', location: '', body };
  const timed = (work: () => void): number => {
    const times = Array.from({ length: 7 }, () => {
      const startedAt = performance.now();
      work();
      return performance.now() - startedAt;
    });
    return times.sort((a, b) => a - b)[3] ?? 0;
  };
  const read = (seriesOf = createSeriesBook(1)): MeasuredGpus => {
    const found: MeasuredGpus = new Map();
    eachSample(raw, adderTo(found, seriesOf));
    return found;
  };
  const known = createSeriesBook(1);
  const ofGpus = serialize(read(known));
  console.log(
    `One answer, ${(body.length / 1_048_576).toFixed(1)} MiB: ${timed(() => read(known)).toFixed(0)} ms of the main thread to read it,` +
      ` the first time ${timed(() => read()).toFixed(0)} ms, as JSON ${timed(() => JSON.parse(body)).toFixed(0)} ms without making anything of it;` +
      ` from a worker ${timed(() => deserialize(ofGpus)).toFixed(0)} ms to take the GPUs.`,
  );
}

async function untilScraped(url: string, count: number): Promise<void> {
  const giveUpAt = performance.now() + mostWaitMs;
  const query = encodeURIComponent('count(DCGM_FI_DEV_FB_USED)');
  while (performance.now() < giveUpAt) {
    const answer = await fetch(`${url}/api/v1/query?query=${query}`);
    const { data } = (await answer.json()) as {
      data: { result: readonly { value: readonly [number, string] }[] };
    };
    if (Number(data.result[0]?.value[1] ?? 0) >= count * 8) return;
    await delay(1000);
  }
  console.log('Not all exporters were scraped in time: the figures are those of fewer.');
}

if (haveAll('prometheus')) await benchPrometheus(Number(process.argv[2] ?? 2000));
