import { benchEngine, countAnswered } from './bench-engine.ts';
import { type Cost, measure, typical } from './cpu.ts';
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

const scans = 10;
const refreshes = 40;
const usualWorkers = 16;

interface Row extends Cost {
  readonly what: string;
  readonly answered: number;
  /** In one round, of all hosts. */
  readonly wireBytes: number;
  /** What to compare it with. */
  readonly against?: Row;
}

/** A full scan and refreshes of real hosts, by the engine and by one `ssh` process per question, in one run. */
export async function benchScan(count = 50): Promise<void> {
  const hosts = await startHosts(count);
  try {
    const scan = await byProcesses(hosts, usualWorkers, scanQuestions);
    const refresh = await byProcesses(hosts, usualWorkers, refreshQuestions);
    const gpus = await byProcesses(hosts, usualWorkers, gpuQuestions);
    const { rows, stalls } = await byEngine(hosts, { scan, refresh });
    const gpusAlone = await byEngineWithoutModels(hosts, gpus);
    const wider = [
      await byProcesses(hosts, count, refreshQuestions),
      await byProcesses(hosts, count * refreshQuestions.length, refreshQuestions),
    ];
    print(count, [scan, refresh, ...wider, gpus, ...rows, gpusAlone]);
    for (const stall of stalls) console.log(stall);
  } finally {
    await hosts.stop();
  }
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

async function byEngine(hosts: BenchHosts, against: { readonly scan: Row; readonly refresh: Row }) {
  const engine = benchEngine(hosts.sshConfigPath);
  try {
    const whileCold = watchStalls();
    const cold = await rounds(hosts, 1, async () => {
      await engine.loadHosts();
      await engine.scan();
    });
    const coldStalls = whileCold.stop();
    const whileWarm = watchStalls();
    const warm = await rounds(hosts, scans, () => engine.scan());
    const refresh = await rounds(hosts, refreshes, () => engine.refresh());
    const warmStalls = whileWarm.stop();
    const answered = countAnswered(engine.snapshot());
    const rows: Row[] = [
      { what: 'engine: first scan, with ssh -G and login', answered, ...cold, against: against.scan },
      { what: 'engine: scan once more', answered, ...warm, against: against.scan },
      { what: 'engine: refresh', answered, ...refresh, against: against.refresh },
    ];
    const stalls = [
      `Event loop late in the first scan: ${describeStalls(coldStalls)}.`,
      `Event loop late in the other scans and refreshes: ${describeStalls(warmStalls)}.`,
    ];
    return { rows, stalls };
  } finally {
    await engine.dispose();
  }
}

/** What a refresh costs where no models are looked for. */
async function byEngineWithoutModels(hosts: BenchHosts, against: Row): Promise<Row> {
  const engine = benchEngine(hosts.sshConfigPath, false);
  try {
    await engine.loadHosts();
    await engine.scan();
    const cost = await rounds(hosts, refreshes, () => engine.refresh());
    const answered = countAnswered(engine.snapshot(), false);
    return { what: 'engine: refresh, GPUs and host alone', answered, ...cost, against };
  } finally {
    await engine.dispose();
  }
}

async function rounds(
  hosts: BenchHosts,
  times: number,
  work: () => Promise<void>,
): Promise<Pick<Row, keyof Cost | 'wireBytes'>> {
  const bytesBefore = hosts.wireBytes();
  const costs: Cost[] = [];
  for (let round = 0; round < times; round += 1) costs.push(await measure(work));
  return { ...typical(costs), wireBytes: (hosts.wireBytes() - bytesBefore) / times };
}

function print(count: number, rows: readonly Row[]): void {
  console.log(
    `${count} real sshd hosts in network namespaces of this computer, each with 8 GPUs (a shell that echoes numbers stands` +
      ' for nvidia-smi) and one model server with 40 KB of metrics. The hosts run on the same cores as the client, so wall' +
      " times hold the hosts' own work, which on real hosts is done elsewhere. Client CPU is that of this process and its" +
      ' children. Bytes are those on the wire, both ways, headers included. An ssh process is killed after' +
      ` ${timeoutMs / 1000} s. Of the engine's further scans and refreshes the wall time is the median of ${scans} and ${refreshes}.` +
      ` Ratios compare with the ssh processes, ${usualWorkers} at once, that ask the same.`,
  );
  const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 1 : 0)} x`;
  console.table(
    Object.fromEntries(
      rows.map(({ what, answered, wallMs, cpuMs, wireBytes, against }) => [
        what,
        {
          'hosts answered': `${answered} of ${count}`,
          'wall ms': Math.round(wallMs),
          'client CPU ms per host': Number((cpuMs / count).toFixed(2)),
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
