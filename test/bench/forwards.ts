// Prints what a forward of the app carries against `ssh -L` to the same sshd in the same run.
import { readFileSync } from 'node:fs';
import { Agent, type ClientRequest, get, request } from 'node:http';
import { cpus, loadavg } from 'node:os';
import { type Sshd, writeSshConfig } from '../support/ssh/sshd.ts';
import { benchOnSshd, startPart, startSshForward } from './parts.ts';

const rounds = Number(process.argv[2] ?? 7);
const roundTripsMs = [0, 50];
const streamCounts = [1, 8];
const requests = 2000;
const megabyte = 1_000_000;
const block = Buffer.alloc(256 * 1024, 'vllm');

await benchOnSshd('forwards', bench);

interface Way {
  readonly name: string;
  readonly port: number;
  /** The process that forwards; null for the direct way. */
  readonly pid: number | null;
}

async function bench({ port, hostOptions }: Sshd, folder: string): Promise<void> {
  const source = (await startPart<number>('source-process', [])).answer;
  const aliases = [];
  for (const roundTripMs of roundTripsMs) {
    const args = [String(port), String(roundTripMs)];
    const Port = roundTripMs === 0 ? port : (await startPart<number>('delay-process', args)).answer;
    // The key is the same at each port.
    const options = { ...hostOptions(), Port, HostKeyAlias: `[127.0.0.1]:${port}` };
    aliases.push({ alias: `rtt${roundTripMs}`, options });
  }
  const config = await writeSshConfig(folder, aliases);
  const waysTo = async (alias: string): Promise<readonly Way[]> => {
    const app = await startPart<number>('forward-process', [config, alias, String(source)]);
    const ssh = (options: readonly string[]) =>
      startSshForward({
        config,
        alias,
        targetPort: source,
        options,
        ask: (local) => ask(local, new Agent()),
      });
    return [
      { name: 'the app', port: app.answer, pid: app.pid },
      { name: 'ssh -L', ...(await ssh([])) },
      { name: 'ssh -L, aes128-gcm as the app', ...(await ssh(['-c', 'aes128-gcm@openssh.com'])) },
    ];
  };
  console.log(
    `An sshd on loopback (${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)}), an HTTP server behind it, and three` +
      ` ways to it, asked in turn. Rates are medians of ${rounds} rounds. The long way is a proxy that holds every byte back.`,
  );
  for (const [at, roundTripMs] of roundTripsMs.entries()) {
    const ways = await waysTo(`rtt${roundTripMs}`);
    if (at === 0) await benchLatency([{ name: 'direct', port: source, pid: null }, ...ways]);
    for (const streams of streamCounts) await benchThroughput(ways, roundTripMs, streams);
  }
}

interface Rates {
  readonly down: number[];
  readonly up: number[];
  /** Milliseconds of CPU time of the forwarding process for 100 MB. */
  readonly downCpu: number[];
  readonly upCpu: number[];
}

async function benchThroughput(ways: readonly Way[], roundTripMs: number, streams: number): Promise<void> {
  const bytes = (roundTripMs === 0 ? 400 : 200) * megabyte;
  const each = Array.from({ length: streams }, () => bytes / streams);
  const measured = ways.map((way) => ({ way, rates: { down: [], up: [], downCpu: [], upCpu: [] } as Rates }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { way, rates } of measured) {
      const move = async (one: typeof download, to: number[], cpu: number[]): Promise<void> => {
        const cpuBefore = cpuMs(way.pid);
        to.push(bytes / (await secondsOf(() => Promise.all(each.map((part) => one(way.port, part))))));
        cpu.push(((cpuMs(way.pid) - cpuBefore) * 100 * megabyte) / bytes);
      };
      await move(download, rates.down, rates.downCpu);
      await move(upload, rates.up, rates.upCpu);
    }
  }
  const app = measured[0]?.rates;
  const ratio = (of: number[] | undefined, to: number[]): string =>
    `${(median(of ?? []) / median(to)).toFixed(2)} x`;
  console.log(`\n${roundTripMs} ms round trip, ${streams} ${streams === 1 ? 'stream' : 'streams'}:`);
  console.table(
    measured.map(({ way, rates }) => ({
      way: way.name,
      'down MB/s': (median(rates.down) / megabyte).toFixed(0),
      'the app, down': ratio(app?.down, rates.down),
      'up MB/s': (median(rates.up) / megabyte).toFixed(0),
      'the app, up': ratio(app?.up, rates.up),
      'CPU ms for 100 MB down, up': `${Math.min(...rates.downCpu).toFixed(0)}, ${Math.min(...rates.upCpu).toFixed(0)}`,
    })),
  );
}

/** One request each way in turn, so that whatever else the computer does hits all of them alike. */
async function benchLatency(ways: readonly Way[]): Promise<void> {
  const measured = ways.map((way) => ({
    way,
    kept: [] as number[],
    fresh: [] as number[],
    agent: new Agent({ keepAlive: true, maxSockets: 1 }),
  }));
  // The first opens the connection.
  for (const { way, agent } of measured) await ask(way.port, agent);
  for (let n = 0; n < requests; n += 1)
    for (const { way, kept, agent } of measured) kept.push(await ask(way.port, agent));
  for (let n = 0; n < requests / 2; n += 1)
    for (const { way, fresh } of measured) fresh.push(await ask(way.port, new Agent()));
  for (const { agent } of measured) agent.destroy();
  const [direct] = measured;
  const added = (own: number[], base: number[] | undefined, part: number): string =>
    `${(quantile(own, part) - quantile(base ?? [], part)).toFixed(2)} ms`;
  console.log('\nAdded to a small HTTP request, beyond a direct connection, 0 ms round trip:');
  console.table(
    measured.slice(1).map(({ way, kept, fresh }) => ({
      way: way.name,
      'p50, connection kept': added(kept, direct?.kept, 0.5),
      'p99, connection kept': added(kept, direct?.kept, 0.99),
      'p50, a new one each': added(fresh, direct?.fresh, 0.5),
      'p99, a new one each': added(fresh, direct?.fresh, 0.99),
    })),
  );
}

/** Milliseconds until the answer of one small request is there. */
async function ask(port: number, agent: Agent): Promise<number> {
  const startedAt = performance.now();
  await bytesOf(get({ host: '127.0.0.1', port, path: '/v1/models', agent }));
  return performance.now() - startedAt;
}

async function download(port: number, bytes: number): Promise<void> {
  const received = await bytesOf(get({ host: '127.0.0.1', port, path: `/down/${bytes}`, agent: false }));
  if (received !== bytes) throw new Error(`${received} bytes of ${bytes} came`);
}

async function upload(port: number, bytes: number): Promise<void> {
  const headers = { 'content-length': bytes };
  const asked = request({ host: '127.0.0.1', port, method: 'POST', path: '/up', agent: false, headers });
  let left = bytes;
  const send = (): void => {
    while (left > 0) {
      const chunk = left < block.length ? block.subarray(0, left) : block;
      left -= chunk.length;
      if (!asked.write(chunk)) {
        asked.once('drain', send);
        return;
      }
    }
    asked.end();
  };
  send();
  await bytesOf(asked);
}

/** Reads the answer to its end and counts. */
function bytesOf(asked: ClientRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    let received = 0;
    asked.on('error', reject).on('response', (response) => {
      response.on('error', reject).on('data', (chunk: Buffer) => {
        received += chunk.length;
      });
      response.on('end', () => resolve(received));
    });
  });
}

/** utime and stime of /proc/PID/stat (proc(5)), in clock ticks of 10 ms. */
function cpuMs(pid: number | null): number {
  const stat = readFileSync(`/proc/${pid ?? 'self'}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
