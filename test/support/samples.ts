/** One whole thing of each kind; the samples of the suites name only what matters to them. */

import type { ErrorCode, Failure } from '#common/failure.ts';
import type { Forward } from '#common/forwards.ts';
import type { Gpu, GpuProcess, Host } from '#common/hosts.ts';
import type { LocalServer } from '#common/local-servers.ts';
import type { OtherForward } from '#common/other-forwards.ts';
import type { ModelLoad, ModelServer } from '#common/servers.ts';
import type { NotificationRule } from '#common/settings.ts';

/** Later than any test ends: what is measured then grows old in none. */
export const aheadMs = Date.now() + 24 * 3_600_000;

export const aProcess: GpuProcess = {
  pid: 4242,
  user: 'ada',
  startedAt: null,
  command: 'python3',
  memUsedMiB: 40_000,
};

export const aGpu: Gpu = {
  vendor: 'nvidia',
  index: 0,
  uuid: 'GPU-0',
  name: 'NVIDIA H100 80GB HBM3',
  utilPct: 0,
  memUsedMiB: 4,
  memTotalMiB: 81_559,
  temperatureC: 30,
  powerW: 70,
  unifiedMemory: false,
  instances: null,
  details: {
    powerLimitW: 700,
    fanPct: null,
    smClockMHz: 345,
    memClockMHz: 2619,
    eccUncorrected: 0,
    throttleReasons: [],
    pciBusId: null,
  },
  processes: [],
  problem: null,
  samples: 2,
  idleStreak: 2,
};

export const aHost: Host = {
  id: 'gpu1',
  alias: 'gpu1',
  group: null,
  endpoint: { hostname: 'gpu1.example', port: 22, user: 'me' },
  state: { kind: 'up' },
  gpus: [],
  measuredAt: aheadMs,
  driverVersion: null,
  cudaVersion: null,
  system: null,
  client: null,
  forwarding: 'unknown',
  source: { kind: 'ssh' },
  beside: null,
  labels: {},
};

export const aServer: ModelServer = {
  id: 'gpu1:8000',
  hostId: 'gpu1',
  port: 8000,
  address: '127.0.0.1',
  state: { kind: 'up' },
  engine: 'vllm',
  version: '0.11.0',
  models: [{ id: 'org/model', maxModelLen: 32_768, parent: null }],
  process: null,
  loads: [],
  seenAt: aheadMs,
};

export const aLoad: ModelLoad = {
  model: 'org/model',
  running: 1,
  waiting: 0,
  kvCachePct: null,
  prefixHitPct: null,
  preemptionsTotal: null,
  promptTokensTotal: null,
  generationTokensTotal: null,
  promptTokensPerSecond: null,
  generationTokensPerSecond: null,
  ttft: null,
  interToken: null,
  endToEnd: null,
  finished: {},
};

export const aForward: Forward = {
  id: 'gpu1:8000',
  hostId: 'gpu1',
  remoteAddress: '127.0.0.1',
  remotePort: 8000,
  remoteHost: null,
  remoteSocket: null,
  localPort: 16_100,
  origin: 'user',
  pinned: false,
  label: null,
  state: { kind: 'listening' },
  health: { kind: 'unknown' },
  since: 1,
  traffic: { openConnections: 0, totalConnections: 0, bytesIn: 0, bytesOut: 0 },
  lastError: null,
};

export const anOtherForward: OtherForward = {
  id: 'tmux vllmctl_gpu1_8000_16100',
  owner: { kind: 'tmux', session: 'vllmctl_gpu1_8000_16100' },
  destination: 'gpu1',
  hostId: 'gpu1',
  localAddress: 'localhost',
  localPort: 16_100,
  remoteAddress: 'localhost',
  remotePort: 8000,
  models: [],
  state: { kind: 'unknown' },
};

export const aLocalServer: LocalServer = {
  port: 8000,
  address: '127.0.0.1',
  engine: 'vllm',
  version: null,
  models: ['org/model'],
  loads: [],
  state: { kind: 'up' },
  owner: { kind: 'process', pid: 7, command: 'vllm serve' },
};

/** One free GPU, of any kind, on any host. */
export const aFreeRule: Extract<NotificationRule, { readonly kind: 'gpus-free' }> = {
  id: 'free',
  kind: 'gpus-free',
  enabled: true,
  hosts: [],
  atLeast: 1,
  counted: 'one-host',
  gpu: '',
  memGiB: 0,
  once: false,
};

/** Met while connecting, unless the fields say otherwise. */
export function aFailure(code: ErrorCode, fields: Partial<Failure> = {}): Failure {
  return { code, step: 'connect', detail: '', command: null, nextAttemptAt: null, ...fields };
}
