import type { Gpu, Host, HostState, ModelServer, Snapshot } from '#common/model.ts';
import { emptySnapshot } from '#common/reduce.ts';

export const idleRule = { maxUtilPct: 5, maxMemPct: 2, maxMemMiB: 600, samples: 2 };

export function gpu(index: number, fields: Partial<Gpu> = {}): Gpu {
  return {
    index,
    uuid: `GPU-${index}`,
    name: 'NVIDIA H100 80GB HBM3',
    utilPct: 0,
    memUsedMiB: 4,
    memTotalMiB: 81_559,
    temperatureC: 30,
    powerW: 70,
    processes: [],
    problem: null,
    samples: 2,
    idleStreak: 2,
    ...fields,
  };
}

export const busy = (index: number, fields: Partial<Gpu> = {}): Gpu =>
  gpu(index, {
    utilPct: 90,
    memUsedMiB: 40_000,
    idleStreak: 0,
    processes: [{ pid: 1, user: 'ada', command: 'python3', memUsedMiB: 40_000 }],
    ...fields,
  });

export function host(alias: string, fields: Partial<Host> = {}): Host {
  return {
    id: alias,
    alias,
    endpoint: { hostname: `${alias}.example`, port: 22, user: 'me' },
    state: { kind: 'up' },
    gpus: [],
    measuredAt: 1,
    driverVersion: '550.1',
    forwarding: 'allowed',
    ...fields,
  };
}

export const refused: HostState = {
  kind: 'unreachable',
  failure: {
    code: 'connection-refused',
    step: 'connect',
    detail: 'connect ECONNREFUSED 127.0.0.1:2',
    command: null,
    nextAttemptAt: null,
  },
};

export const noGpu: HostState = {
  kind: 'no-gpu',
  failure: { code: 'no-nvidia-smi', step: 'probe', detail: '', command: null, nextAttemptAt: null },
};

export function server(hostId: string, port: number, fields: Partial<ModelServer> = {}): ModelServer {
  return {
    id: `${hostId}:${port}`,
    hostId,
    port,
    address: '127.0.0.1',
    state: { kind: 'up' },
    engine: 'vllm',
    version: '0.11.0',
    models: [{ id: 'org/model', maxModelLen: 32_768, parent: null }],
    seenAt: 1,
    ...fields,
  };
}

export function snapshot(fields: Partial<Snapshot> = {}): Snapshot {
  return { ...emptySnapshot({ kind: 'ssh-config', path: '/c' }, idleRule), ...fields };
}
