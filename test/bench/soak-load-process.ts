// The clients of the soak in a process of their own: so many requests a second, each checked to the last byte.
import { randomBytes } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import { blob, blobKinds, checksum, completionEvents, modelList } from './soak-payload.ts';
import type { LoadReport, LoadTarget } from './soak-report.ts';

const perSecond = Number(process.argv[2]);
const targets = JSON.parse(process.argv[3] ?? '[]') as LoadTarget[];
/** More at once at one forward are not sent there but at the next one: nobody waits for a host that is away. */
const mostAtOnce = 12;
const tickMs = 20;
/** Longer than the app may need to notice a dead connection. */
const hungMs = 90_000;

interface Client extends LoadTarget {
  readonly kept: Agent;
  readonly blobs: readonly string[];
  busy: number;
}

const clients = targets.map((target): Client => {
  const blobs = Array.from({ length: blobKinds }, (_, kind) => checksum(blob(target.name, kind)));
  return { ...target, kept: new Agent({ keepAlive: true, maxSockets: mostAtOnce }), blobs, busy: 0 };
});
const report: LoadReport = {
  sent: 0,
  ok: 0,
  wrong: 0,
  hung: 0,
  failures: [],
  notSent: 0,
  latenciesMs: [],
  bytes: 0,
};
let number = 0;
let turn = 0;

/** Out of ten: five lists and two sums over kept connections, two streamed completions and one blob over new ones. */
const kinds = ['list', 'stream', 'list', 'sum', 'list', 'blob', 'list', 'stream', 'list', 'sum'] as const;

function next(): Client | null {
  for (let tries = 0; tries < clients.length; tries += 1) {
    turn = (turn + 1) % clients.length;
    const client = clients[turn];
    if (client !== undefined && client.busy < mostAtOnce) return client;
  }
  return null;
}

async function sendOne(): Promise<void> {
  const client = next();
  if (client === null) {
    report.notSent += 1;
    return;
  }
  number += 1;
  report.sent += 1;
  client.busy += 1;
  const startedAt = performance.now();
  try {
    const correct = await ask(client, kinds[number % kinds.length] ?? 'list', number);
    if (correct) report.ok += 1;
    else report.wrong += 1;
    if (report.sent % 10 === 0) report.latenciesMs.push(performance.now() - startedAt);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'HUNG') report.hung += 1;
    report.failures.push({ hostId: client.hostId, code, at: Date.now() });
  }
  client.busy -= 1;
}

async function ask(client: Client, kind: (typeof kinds)[number], id: number): Promise<boolean> {
  switch (kind) {
    case 'list':
      return (await exchange(client, `/v1/models`, client.kept)).toString() === modelList(client.name);
    case 'sum': {
      const body = randomBytes(8192);
      const said = await exchange(client, `/sum/${id}`, client.kept, body);
      return said.toString() === `${client.name} ${checksum(body)}`;
    }
    case 'blob':
      return checksum(await exchange(client, `/blob/${id}`, false)) === client.blobs[id % blobKinds];
    case 'stream': {
      const said = await exchange(client, `/completions/${id}`, false);
      return said.toString() === completionEvents(client.name, id).join('');
    }
  }
}

function exchange(client: Client, path: string, agent: Agent | false, body?: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const asked = request({ host: '127.0.0.1', port: client.localPort, path, agent, method });
    const hung = setTimeout(() => asked.destroy(Object.assign(new Error('hung'), { code: 'HUNG' })), hungMs);
    const fail = (error: Error): void => {
      clearTimeout(hung);
      reject(error);
    };
    asked.on('error', fail).on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on('error', fail).on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        report.bytes += chunk.length;
      });
      response.once('end', () => {
        clearTimeout(hung);
        // A reply that was cut short is none, whatever it holds.
        if (response.complete) resolve(Buffer.concat(chunks));
        else reject(Object.assign(new Error('incomplete'), { code: 'INCOMPLETE' }));
      });
    });
    asked.end(body);
  });
}

let owed = 0;
let lastAt = performance.now();
const timer = setInterval(() => {
  const now = performance.now();
  owed += ((now - lastAt) * perSecond) / 1000;
  lastAt = now;
  for (; owed >= 1; owed -= 1) void sendOne();
}, tickMs);

process.on('message', async (message: 'report' | 'stop') => {
  if (message === 'report') process.send?.(report);
  else {
    clearInterval(timer);
    while (clients.some(({ busy }) => busy > 0)) await new Promise((resolve) => setTimeout(resolve, 50));
    for (const { kept } of clients) kept.destroy();
    process.send?.(report);
  }
});
process.once('disconnect', () => process.exit());
