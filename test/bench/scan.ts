import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchEngine, countAnswered } from './bench-engine.ts';
import { type Cost, measure } from './cpu.ts';
import { type BenchHosts, startHosts } from './hosts.ts';
import {
  askByProcesses,
  gpuQuestions,
  type Question,
  refreshQuestions,
  scanQuestions,
  timeoutMs,
} from './reference.ts';
import { describeStalls, watchStalls } from './stalls.ts';
import type { StartDone, StartWork } from './start-process.ts';

const scans = 10;
const turns = 4;
const refreshesPerTurn = 10;
const usualWorkers = 16;

interface Figures extends Cost {
  readonly wireBytes: number;
}

/** One round over all hosts, or the mean of several. */
interface Row extends Figures {
  readonly what: string;
  readonly answered: number;
  /** What to compare it with. */
  readonly against?: Row;
}

/** A full scan and refreshes of real hosts, by the engine and by one `ssh` process per question, in one run. */
export async function benchScan(count = 50): Promise<void> {
  const hosts = await startHosts(count);
  try {
    const rows = [...(await compareAll(hosts)), ...(await compareGpus(hosts))];
    for (const workers of [count, count * refreshQuestions.length])
      rows.push(await byProcesses(hosts, workers, refreshQuestions));
    print(count, rows);
  } finally {
    await hosts.stop();
  }
}

/** Everything. The refreshes take turns with the processes, so that others' work on this computer hits both alike. */
async function compareAll(hosts: BenchHosts): Promise<Row[]> {
  const scanByPool = await byProcesses(hosts, usualWorkers, scanQuestions);
  const again = await secondStart(hosts, scanByPool);
  const engine = benchEngine(hosts.sshConfigPath);
  try {
    const whileCold = watchStalls();
    const cold = await rounds(hosts, 1, async () => {
      await engine.loadHosts();
      await engine.scan();
    });
    console.log(`Event loop late in the first scan: ${describeStalls(whileCold.stop())}.`);
    const whileWarm = watchStalls();
    const warm = await rounds(hosts, scans, () => engine.scan());
    console.log(`Event loop late in further scans: ${describeStalls(whileWarm.stop())}.`);
    const { byPool, byEngine } = await takeTurns(hosts, refreshQuestions, () => engine.refresh());
    const answered = countAnswered(engine.snapshot());
    return [
      scanByPool,
      { what: 'engine: first scan, with ssh -G and login', answered, ...cold, against: scanByPool },
      again,
      { what: 'engine: scan once more', answered, ...warm, against: scanByPool },
      byPool,
      { what: 'engine: refresh', answered, ...byEngine, against: byPool },
    ];
  } finally {
    await engine.dispose();
  }
}

/**
 * The first scan of a start that finds the answers of `ssh -G` of the one before. Each start has a process of its own: one
 * that has scanned before has its code compiled, and its memory is not a start's.
 */
async function secondStart(hosts: BenchHosts, against: Row): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'vllm-tray-bench-'));
  try {
    await start('resolve', hosts, folder);
    const bytesBefore = hosts.wireBytes();
    const { cost, answered } = await start('scan', hosts, folder);
    const wireBytes = hosts.wireBytes() - bytesBefore;
    return { what: 'engine: first scan of a second start', answered, ...cost, wireBytes, against };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function start(work: StartWork, { sshConfigPath }: BenchHosts, folder: string): Promise<StartDone> {
  const process = fork(fileURLToPath(new URL('start-process.mjs', import.meta.url)), [
    work,
    sshConfigPath,
    folder,
  ]);
  const [[done], [code]] = await Promise.all([once(process, 'message'), once(process, 'exit')]);
  if (code !== 0) throw new Error(`a start ended with ${code}`);
  return done as StartDone;
}

/** What a refresh costs where no models are looked for. */
async function compareGpus(hosts: BenchHosts): Promise<Row[]> {
  const engine = benchEngine(hosts.sshConfigPath, false);
  try {
    await engine.loadHosts();
    await engine.scan();
    const { byPool, byEngine } = await takeTurns(hosts, gpuQuestions, () => engine.refresh());
    const answered = countAnswered(engine.snapshot(), false);
    return [byPool, { what: 'engine: refresh, GPUs and host alone', answered, ...byEngine, against: byPool }];
  } finally {
    await engine.dispose();
  }
}

async function takeTurns(hosts: BenchHosts, asked: readonly Question[], refresh: () => Promise<void>) {
  const pools: Row[] = [];
  const refreshes: Figures[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    pools.push(await byProcesses(hosts, usualWorkers, asked));
    refreshes.push(await rounds(hosts, refreshesPerTurn, refresh));
  }
  const what = pools[0]?.what ?? '';
  const answered = Math.min(...pools.map((pool) => pool.answered));
  return { byPool: { what, answered, ...meanOf(pools) }, byEngine: meanOf(refreshes) };
}

async function byProcesses(hosts: BenchHosts, workers: number, asked: readonly Question[]): Promise<Row> {
  const bytesBefore = hosts.wireBytes();
  let answered = 0;
  const cost = await measure(async () => {
    answered = await askByProcesses({ ...hosts, workers }, asked);
  });
  const what = `ssh processes, ${workers} at once: ${asked.join(', ')}`;
  return { what, answered, ...cost, wireBytes: hosts.wireBytes() - bytesBefore };
}

async function rounds(hosts: BenchHosts, times: number, work: () => Promise<void>): Promise<Figures> {
  const all: Figures[] = [];
  for (let round = 0; round < times; round += 1) {
    const bytesBefore = hosts.wireBytes();
    const cost = await measure(work);
    all.push({ ...cost, wireBytes: hosts.wireBytes() - bytesBefore });
  }
  return meanOf(all);
}

function meanOf(all: readonly Figures[]): Figures {
  const mean = (pick: (one: Figures) => number): number =>
    all.reduce((sum, one) => sum + pick(one), 0) / all.length;
  return {
    wallMs: mean(({ wallMs }) => wallMs),
    cpuMs: mean(({ cpuMs }) => cpuMs),
    systemMs: mean(({ systemMs }) => systemMs),
    wireBytes: mean(({ wireBytes }) => wireBytes),
  };
}

function print(count: number, rows: readonly Row[]): void {
  console.log(
    `${count} real sshd hosts in network namespaces of this computer, each with 8 GPUs (a shell that echoes numbers stands` +
      ' for nvidia-smi) and one model server with 40 KB of metrics. The hosts run on the same cores as the client, so wall' +
      " times hold the hosts' own work, which on real hosts is done elsewhere. Client CPU is that of this process and its" +
      ' children. Bytes are those on the wire, both ways, headers included. An ssh process is killed after' +
      ` ${timeoutMs / 1000} s. Figures are means of ${scans} further scans and of ${turns} turns of the processes and` +
      ` ${refreshesPerTurn} refreshes each. Ratios compare with the ssh processes, ${usualWorkers} at once, that ask the same.`,
  );
  const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 1 : 0)} x`;
  console.table(
    Object.fromEntries(
      rows.map(({ what, answered, wallMs, cpuMs, systemMs, wireBytes, against }) => [
        what,
        {
          'hosts answered': `${answered} of ${count}`,
          'wall ms': Math.round(wallMs),
          'client CPU ms per host': Number((cpuMs / count).toFixed(2)),
          'of it system': Number((systemMs / count).toFixed(2)),
          'bytes per host': Math.round(wireBytes / count),
          ...(against && {
            'wall ratio': times(against.wallMs / wallMs),
            'CPU ratio': times(against.cpuMs / cpuMs),
            'bytes ratio': times(against.wireBytes / wireBytes),
          }),
        },
      ]),
    ),
  );
}
