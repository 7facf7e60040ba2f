// Prints what the gateway carries against a plain forward of the app and `ssh -L` to the same sshd in the same run, and how it
// spreads requests over two replicas of unequal speed.
import { Agent, request } from 'node:http';
import { cpus, loadavg } from 'node:os';
import type { Sshd } from '../support/ssh/sshd.ts';
import { benchOnSshd, startPart, startSshForward } from './parts.ts';

const rounds = Number(process.argv[2] ?? 5);
const asks = 1000;
const streamCounts = [1, 32];
const megabyte = 1_000_000;
await benchOnSshd('gateway', bench);

interface Way {
  readonly name: string;
  readonly port: number;
  readonly key: string;
}

async function bench(host: Sshd, folder: string): Promise<void> {
  const config = await host.configPath(folder);
  const models = await startPart<readonly number[]>('gateway-model-process', []);
  const [model = 0, quick = 0, slow = 0] = models.answer;
  const app = await startPart<{ forward: number; gateway: number; key: string }>('gateway-process', [
    config,
    ...[model, quick, slow].map(String),
  ]);
  const { forward, gateway, key } = app.answer;
  const ssh = await startSshForward({
    config,
    alias: 'lab',
    targetPort: model,
    ask: (port) => ask({ name: '', port, key }, { model: 'm', bytes: 1 }, new Agent()),
  });
  const ways: readonly Way[] = [
    { name: 'gateway', port: gateway, key },
    { name: 'forward of the app', port: forward, key },
    { name: 'ssh -L', port: ssh.port, key },
  ];
  console.log(
    `An sshd on loopback (${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)}), a model server behind it, and three ways to it,` +
      ` asked in turn; gateway and forward are in one process. Medians of ${rounds} rounds.`,
  );
  await benchFirstByte(ways);
  for (const streams of streamCounts) await benchThroughput(ways, streams);
  await benchBalance({ name: 'gateway', port: gateway, key }, { quick, slow });
}

/** One small streamed chat each way in turn, so that whatever else the computer does hits all of them alike. */
async function benchFirstByte(ways: readonly Way[]): Promise<void> {
  const measured = ways.map((way) => ({
    way,
    kept: [] as number[],
    agent: new Agent({ keepAlive: true, maxSockets: 1 }),
  }));
  for (let n = 0; n < asks + 20; n += 1)
    for (const { way, kept, agent } of measured) {
      const { firstMs } = await ask(way, { model: 'm', bytes: 500 }, agent);
      if (n >= 20) kept.push(firstMs);
    }
  for (const { agent } of measured) agent.destroy();
  const [, plain] = measured;
  console.log(`\nTime to the first byte of a small streamed chat, ${asks} each, connections kept:`);
  console.table(
    measured.map(({ way, kept }) => ({
      way: way.name,
      'p50 ms': quantile(kept, 0.5).toFixed(2),
      'p99 ms': quantile(kept, 0.99).toFixed(2),
      'more than the forward, p50 ms': (quantile(kept, 0.5) - quantile(plain?.kept ?? [], 0.5)).toFixed(2),
    })),
  );
}

async function benchThroughput(ways: readonly Way[], streams: number): Promise<void> {
  const bytes = 200 * megabyte;
  const measured = ways.map((way) => ({ way, rates: [] as number[] }));
  for (let round = 0; round < rounds; round += 1)
    for (const { way, rates } of measured) {
      const startedAt = performance.now();
      const agent = new Agent({ keepAlive: true });
      const body = { model: 'm', bytes: bytes / streams };
      const answers = await Promise.all(Array.from({ length: streams }, () => ask(way, body, agent)));
      agent.destroy();
      const received = answers.reduce((sum, one) => sum + one.bytes, 0);
      if (received < bytes) throw new Error(`${received} bytes of ${bytes} came`);
      rates.push(received / ((performance.now() - startedAt) / 1000));
    }
  const plain = quantile(measured[1]?.rates ?? [], 0.5);
  console.log(`\nServer-sent events of 16 KB, ${streams} ${streams === 1 ? 'stream' : 'streams'}:`);
  console.table(
    measured.map(({ way, rates }) => ({
      way: way.name,
      'MB/s': (quantile(rates, 0.5) / megabyte).toFixed(0),
      'of the forward': `${((quantile(rates, 0.5) / plain) * 100).toFixed(0)} %`,
    })),
  );
}

/** Two servers that each work on four requests at once; the slower one does 0.8 of the other's work. */
async function benchBalance(
  way: Way,
  ports: { readonly quick: number; readonly slow: number },
): Promise<void> {
  const count = 400;
  const clients = 16;
  const rate = async (model: string): Promise<number> => {
    let left = count;
    const startedAt = performance.now();
    const client = async (): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      while (left > 0) {
        left -= 1;
        await ask(way, { model, bytes: 10 }, agent);
      }
      agent.destroy();
    };
    await Promise.all(Array.from({ length: clients }, client));
    return count / ((performance.now() - startedAt) / 1000);
  };
  const rates = { alone: [] as number[], slowAlone: [] as number[], both: [] as number[] };
  // The first round warms up connections and code, and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    const alone = await rate(`lab:${ports.quick}/pair`);
    const slowAlone = await rate(`lab:${ports.slow}/pair`);
    const both = await rate('pair');
    if (round === 0) continue;
    rates.alone.push(alone);
    rates.slowAlone.push(slowAlone);
    rates.both.push(both);
  }
  const [alone, slowAlone, both] = [rates.alone, rates.slowAlone, rates.both].map((all) =>
    quantile(all, 0.5),
  ) as [number, number, number];
  console.log(
    `\nTwo replicas, ${clients} clients, ${count} requests, medians of ${rounds} rounds in turn: the quicker one alone ` +
      `${alone.toFixed(0)} requests/s, the slower one ${slowAlone.toFixed(0)}, both through the gateway ${both.toFixed(0)}: ` +
      `${(both / alone).toFixed(2)} times the quicker one.`,
  );
}

interface Got {
  readonly firstMs: number;
  readonly bytes: number;
}

function ask({ port, key }: Way, body: object, agent: Agent): Promise<Got> {
  const text = JSON.stringify(body);
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      agent,
      method: 'POST',
      path: '/v1/chat/completions',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      },
    });
    asked.on('error', reject).on('response', (response) => {
      let firstMs = 0;
      let bytes = 0;
      response.on('error', reject).on('data', (chunk: Buffer) => {
        firstMs ||= performance.now() - startedAt;
        bytes += chunk.length;
      });
      response.on('end', () =>
        response.statusCode === 200
          ? resolve({ firstMs, bytes })
          : reject(new Error(`HTTP ${response.statusCode}`)),
      );
    });
    asked.end(text);
  });
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
