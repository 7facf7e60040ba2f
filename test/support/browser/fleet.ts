/** A simulated fleet behind the real browser face: its server, WebSocket, store and history, without a host to be reached. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Handlers } from '#common/contract.ts';
import { AppError } from '#common/failure.ts';
import { thinned } from '#common/history.ts';
import type { Gpu, Host } from '#common/hosts.ts';
import { emptySnapshot } from '#common/reduce.ts';
import type { ModelLoad, ModelServer } from '#common/servers.ts';
import { defaultSettings } from '#common/settings.ts';
import { createHistory } from '#engine/history/history.ts';
import { createStore, type Store } from '#engine/store.ts';
import { startWebServer } from '../../../main/web/server.ts';
import { aGpu, aHost, aProcess, aServer } from '../samples.ts';

export interface Fleet {
  readonly url: string;
  readonly store: Store;
  /** Measures these hosts anew: `from` to before `to`. */
  measure(from: number, to: number): void;
  close(): Promise<void>;
}

export interface FleetOptions {
  readonly hosts: number;
  readonly gpus: number;
  /** Changes a host before it is shown; for hostile ones. */
  readonly dress?: (host: Host, index: number) => Host;
}

/** Of the repository: this file is part of a bench too, which is bundled to another folder. */
const rendererDir = path.join(rootAbove(import.meta.dirname), 'dist/renderer/');
const kinds = [
  ['NVIDIA H100 80GB HBM3', 81_559],
  ['NVIDIA A100-SXM4-80GB', 81_920],
  ['NVIDIA L40S', 46_068],
] as const;
const users = ['alice', 'bob', 'chen', 'dana', 'emil', 'fatima', 'svc-llm'];

/** Starts a fleet on a port of its own; every fourth host serves a model. Needs a built window. */
export async function startFleet({
  hosts: count,
  gpus,
  dress = (host) => host,
}: FleetOptions): Promise<Fleet> {
  const random = createRandom(7);
  const settings = { ...defaultSettings, welcomed: true, language: 'en' } as const;
  const hosts = Array.from({ length: count }, (_, index) => dress(newHost(index, gpus, random), index));
  const servers = hosts.filter((_, index) => index % 4 === 0).map((host) => newServer(host, random));
  const now = Date.now();
  const scan = { kind: 'done', done: count, total: count, startedAt: now - 9000, finishedAt: now } as const;
  const store = createStore({ ...emptySnapshot({ kind: 'demo' }, settings), hosts, servers, scan });
  const history = createHistory();
  history.observe(store.current());
  const unsubscribe = store.subscribe(() => history.observe(store.current()));
  const unsupported = () => {
    throw new AppError('unsupported');
  };
  const handlers = new Proxy(
    {
      'snapshot.get': () => store.snapshot(),
      'history.get': ({ ids, sinceMs, stepMs }) => {
        const tracks = history.read(ids, sinceMs);
        return stepMs === undefined ? tracks : tracks.map((track) => thinned(track, { stepMs }));
      },
    } satisfies Partial<Handlers>,
    { get: (known, name) => Reflect.get(known, name) ?? unsupported },
  ) as unknown as Handlers;
  const server = await startWebServer({
    handlers,
    subscribe: store.subscribe,
    rendererDir,
    log: () => undefined,
  });
  return {
    url: server.url,
    store,
    measure(from, to) {
      const current = store.current();
      for (const host of current.hosts.slice(from, to))
        if (host.state.kind === 'up') store.apply({ kind: 'host-changed', host: measured(host, random) });
      const ids = new Set(current.hosts.slice(from, to).map(({ id }) => id));
      for (const one of current.servers)
        if (ids.has(one.hostId))
          store.apply({
            kind: 'servers-found',
            hostId: one.hostId,
            servers: [{ ...one, loads: [newLoad(random)] }],
          });
    },
    async close() {
      unsubscribe();
      await server.close();
      store.dispose();
    },
  };
}

function rootAbove(folder: string): string {
  return existsSync(path.join(folder, 'package.json')) ? folder : rootAbove(path.dirname(folder));
}

type Random = () => number;

function newHost(index: number, gpus: number, random: Random): Host {
  const name = `gpu-${String(index).padStart(4, '0')}`;
  const [kind, memTotalMiB] = kinds[index % kinds.length] ?? kinds[0];
  const host: Host = {
    ...aHost,
    id: name,
    alias: name,
    endpoint: { hostname: `${name}.example.org`, port: 22, user: 'me' },
    driverVersion: '570.133.20',
    cudaVersion: '12.8',
    client: 'built-in',
    system: { cpuCount: 128, load1: 20, memUsedMiB: 200_000, memTotalMiB: 1_000_000 },
    gpus: Array.from({ length: gpus }, (_, at) => {
      const gpu = { ...aGpu, index: at, uuid: `GPU-${index}-${at}`, name: kind, memTotalMiB };
      return random() < 0.5 ? turned(gpu, random) : gpu;
    }),
  };
  return measured(host, random);
}

function measured(host: Host, random: Random): Host {
  return { ...host, measuredAt: Date.now(), gpus: host.gpus.map((gpu) => moved(gpu, random)) };
}

/** Busy GPUs vary, and now and then one becomes idle or busy: each every few minutes at a measurement a second. */
function moved(before: Gpu, random: Random): Gpu {
  const gpu = random() < 0.005 ? turned(before, random) : before;
  const busy = gpu.processes.length > 0;
  const details = { ...gpu.details, smClockMHz: busy ? 1900 : 345 };
  if (!busy)
    return { ...gpu, temperatureC: 30 + Math.floor(random() * 4), samples: 3, idleStreak: 3, details };
  const utilPct = Math.max(0, Math.min(100, (gpu.utilPct ?? 50) + Math.round((random() - 0.5) * 20)));
  const temperatureC = 55 + Math.round(utilPct / 8);
  return { ...gpu, utilPct, temperatureC, powerW: 200 + utilPct * 4, samples: 3, idleStreak: 0, details };
}

function turned(gpu: Gpu, random: Random): Gpu {
  if (gpu.processes.length > 0) return { ...gpu, utilPct: 0, memUsedMiB: 4, powerW: 70, processes: [] };
  const user = users[Math.floor(random() * users.length)] ?? null;
  const memUsedMiB = Math.round((gpu.memTotalMiB ?? 0) * random());
  return { ...gpu, utilPct: 80, memUsedMiB, processes: [{ ...aProcess, pid: 1000 + gpu.index, user }] };
}

function newServer(host: Host, random: Random): ModelServer {
  const models = [{ id: `org/model-${host.alias}`, maxModelLen: 32_768, parent: null }];
  return { ...aServer, id: `${host.id}:8000`, hostId: host.id, models, loads: [newLoad(random)] };
}

function newLoad(random: Random): ModelLoad {
  return {
    model: null,
    running: Math.round(random() * 40),
    waiting: Math.round(random() * 3),
    kvCachePct: random() * 100,
    prefixHitPct: null,
    preemptionsTotal: 0,
    promptTokensTotal: 1,
    generationTokensTotal: 1,
    promptTokensPerSecond: random() * 5000,
    generationTokensPerSecond: random() * 1000,
    ttft: null,
    interToken: null,
    endToEnd: null,
    finished: {},
  };
}

/** Repeatable (mulberry32). */
function createRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
