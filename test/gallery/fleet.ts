/** What the states of the gallery are made of: hosts, servers, forwards and questions, one of every kind. */

import type { ErrorCode, FailedKind } from '#common/failure.ts';
import type { AutoForwardEntry, AutoForwardStatus } from '#common/forwards.ts';
import type { Host, HostState } from '#common/hosts.ts';
import { serverId } from '#common/ids.ts';
import type { LocalServer } from '#common/local-servers.ts';
import type { Notice } from '#common/notices.ts';
import type { OtherForward } from '#common/other-forwards.ts';
import type { Asker, Prompt, UnknownHostKey } from '#common/prompts.ts';
import type { ModelLoad, ServerState, TestPrompt } from '#common/servers.ts';
import { busyGpu, forward, gpu, host, otherForward, server } from '../renderer/samples.ts';
import { aFailure, aLoad, aLocalServer } from '../support/samples.ts';

const now = Date.now();
const minute = 60_000;

const withState = (id: string, state: HostState): Host => {
  const measured = state.kind === 'stale' || state.kind === 'gpu-error';
  return { ...host(id, 0, measured ? 2 : 0), state, ...(!measured && { measuredAt: null }) };
};

const instance = {
  index: 0,
  uuid: 'MIG-0',
  profile: '1g.10gb',
  memUsedMiB: 8_000,
  memTotalMiB: 9_728,
  processes: [],
};

/** Hosts that answer: free, mixed, full, with MIG, with a broken GPU, with one whose driver says little. */
export const answering: readonly Host[] = [
  host('gpu01', 8, 0),
  host('gpu02', 3, 5, {
    system: { cpuCount: 128, load1: 17.4, memUsedMiB: 310_000, memTotalMiB: 1_031_000 },
    cudaVersion: '12.8',
  }),
  host('research-cluster-very-long-name-node-0017', 0, 8),
  {
    ...host('mig01', 1, 1),
    gpus: [
      gpu(0, { name: 'NVIDIA A100-SXM4-80GB', instances: [instance, { ...instance, index: 1, uuid: null }] }),
      gpu(1, { instances: [] }),
    ],
  },
  { ...host('broken01', 0, 2), gpus: [gpu(0, { problem: 'GPU requires reset' }), busyGpu(1)] },
  {
    ...host('jetson', 0, 0),
    gpus: [
      gpu(0, {
        name: 'Orin (nvgpu)',
        unifiedMemory: true,
        utilPct: null,
        memUsedMiB: null,
        memTotalMiB: null,
        powerW: null,
        samples: 1,
        idleStreak: 0,
      }),
    ],
  },
];

const failures: readonly (readonly [FailedKind, ErrorCode, string])[] = [
  ['misconfigured', 'resolve-failed', 'Bad configuration option: Foo'],
  ['unreachable', 'connection-timeout', 'connect ETIMEDOUT 10.0.0.7:22'],
  ['throttled', 'throttled', 'Exceeded MaxStartups'],
  ['hostkey-unknown', 'hostkey-unknown', 'SHA256:uNiVztksCsDhcc0u9e8BrRc9y0F1hF4yZQv5a1W2X3Y'],
  ['hostkey-changed', 'hostkey-changed', 'expected SHA256:aaa, got SHA256:bbb'],
  ['auth-needed', 'auth-failed', 'All configured authentication methods failed'],
  ['needs-job', 'needs-job', 'Access denied by pam_slurm_adopt: you have no active jobs on this node'],
  ['no-shell', 'no-shell', 'This account is currently not available.'],
];

/** One host for every way in which nothing was learnt from it. */
export const failed: readonly Host[] = failures.map(([kind, code, detail]) =>
  withState(kind, {
    kind,
    failure: aFailure(code, {
      detail,
      command: `ssh -v ${kind}`,
      nextAttemptAt: now + minute,
      ...(code === 'hostkey-unknown' && { hostKeyId: 'key-1' }),
    }),
  }),
);

/** One host for every other state. */
export const inBetween: readonly Host[] = [
  withState('unresolved', { kind: 'unresolved' }),
  withState('queued', { kind: 'queued' }),
  withState('connecting', { kind: 'connecting', step: 'authenticate' }),
  withState('no-gpu', { kind: 'no-gpu', failure: aFailure('no-gpu-tool', { step: 'probe' }) }),
  withState('gpu-error', {
    kind: 'gpu-error',
    failure: aFailure('gpu-tool-failed', {
      step: 'probe',
      detail: 'NVML: Driver/library version mismatch',
    }),
  }),
  withState('stale', {
    kind: 'stale',
    failure: aFailure('connection-lost', { detail: 'read ECONNRESET', nextAttemptAt: now + 7000 }),
  }),
];

const load: ModelLoad = {
  model: null,
  running: 12,
  waiting: 0,
  kvCachePct: 41.5,
  prefixHitPct: 63,
  preemptionsTotal: 0,
  promptTokensTotal: 48_200_000,
  generationTokensTotal: 9_100_000,
  promptTokensPerSecond: 8400,
  generationTokensPerSecond: 1290,
  ttft: { p50Ms: 180, p95Ms: 640 },
  interToken: { p50Ms: 18, p95Ms: 33 },
  endToEnd: { p50Ms: 4100, p95Ms: 19_500 },
  finished: { stop: 8123, length: 410, abort: 3 },
};

const serverStates: readonly ServerState[] = [
  { kind: 'starting' },
  { kind: 'sleeping' },
  { kind: 'locked' },
  { kind: 'failed', failure: aFailure('server-timeout', { step: 'models', detail: 'no answer in 3 s' }) },
  { kind: 'lost', what: 'host', since: now - 3 * minute },
  { kind: 'lost', what: 'look', since: null },
  { kind: 'stuck', why: 'no-progress', since: now - 4 * minute },
];

/** A server at ease, a busy one with a queue, one without metrics, one with adapters, and one in every other state. */
export const servers = [
  server('gpu01', 8000, ['Qwen/Qwen3-32B'], {
    loads: [load],
    process: {
      pid: 41_207,
      user: 'maria',
      startedAt: now - 190 * minute,
      args: 'vllm serve Qwen/Qwen3-32B --tensor-parallel-size 4 --api-key …',
      container: { kind: 'docker', id: '3f2a9c1b7d60' },
      gpus: [0, 1, 2, 3],
    },
  }),
  server('gpu02', 8000, ['Qwen/Qwen3-32B'], {
    loads: [{ ...load, running: 256, waiting: 34, kvCachePct: 97.2, preemptionsTotal: 12 }],
  }),
  server('gpu02', 11_434, ['llama3.3:70b'], { engine: 'ollama', version: '0.12.3' }),
  {
    ...server('mig01', 8001, ['meta-llama/Llama-3.1-8B-Instruct', 'sql-lora']),
    models: [
      { id: 'meta-llama/Llama-3.1-8B-Instruct', maxModelLen: 131_072, parent: null },
      { id: 'sql-lora', maxModelLen: 131_072, parent: 'meta-llama/Llama-3.1-8B-Instruct' },
    ],
  },
  ...serverStates.map((state, at) =>
    server(
      'gpu02',
      8100 + at,
      state.kind === 'locked' || state.kind === 'failed' ? [] : [`org/model-${at}`],
      {
        state,
      },
    ),
  ),
];

/** A forward in every state, one that is pinned, one that auto-forward opened, one whose model is down. */
export const forwards = [
  forward('gpu01', 8000, 16_100, { health: { kind: 'answering' }, pinned: true }),
  forward('gpu02', 8000, 16_101, { health: { kind: 'answering' }, origin: 'auto' }),
  forward('gpu02', 11_434, 16_102, { state: { kind: 'opening' } }),
  forward('mig01', 8001, 16_103, {
    state: {
      kind: 'retrying',
      failure: aFailure('connection-lost', { step: 'forward', nextAttemptAt: now + 7000 }),
    },
  }),
  forward('gpu02', 8103, null, {
    state: { kind: 'failed', failure: aFailure('port-in-use', { step: 'forward', detail: 'port 16104' }) },
  }),
  forward('gpu02', 8100, 16_105, {
    health: { kind: 'model-down', failure: aFailure('target-refused', { step: 'forward' }) },
    lastError: aFailure('target-refused', { step: 'forward', detail: 'Connection refused' }),
  }),
];

const autoStatuses: readonly AutoForwardStatus[] = [
  'forwarded',
  'already-forwarded',
  'duplicate-session',
  'closed-model-gone',
  'kept',
  'waiting-to-close',
  'no-free-port',
  'not-allowed',
  'failed',
];

/** What auto-forward did, once for each of its answers. */
export const autoForwards: readonly AutoForwardEntry[] = autoStatuses.map((status, at) => ({
  serverId: serverId('gpu02', 8200 + at),
  hostId: 'gpu02',
  remotePort: 8200 + at,
  model: `org/model-${at}`,
  localPort: at < 3 ? 16_110 + at : null,
  status,
  failure:
    status === 'failed' || status === 'no-free-port'
      ? aFailure('ports-exhausted', { step: 'forward' })
      : null,
}));

/** Forwards of other programs: in tmux and of a plain ssh, one dead, one open to the network. */
export const otherForwards: readonly OtherForward[] = [
  otherForward('vllmctl_gpu01_8000_17000', 17_000),
  otherForward('vllmctl_gpu02_8000_17001', 17_001, {
    state: { kind: 'dead', failure: aFailure('forward-dead', { step: 'forward' }) },
    models: [],
  }),
  {
    ...otherForward('plain', 17_002),
    id: 'ssh 991 17002',
    owner: {
      kind: 'ssh',
      pid: 991,
      command: 'ssh -g -L 17002:localhost:8000 gpu01',
      startedAt: now - 90 * minute,
    },
    localAddress: '*',
    state: { kind: 'no-model', failure: aFailure('server-not-openai', { step: 'models' }) },
    models: [],
  },
];

export const localServers: readonly LocalServer[] = [
  {
    ...aLocalServer,
    loads: [{ ...aLoad, running: 12, waiting: 3, kvCachePct: 64, generationTokensPerSecond: 1840 }],
    owner: { kind: 'process', pid: 4242, command: 'vllm serve', session: 'models' },
  },
  { ...aLocalServer, port: 16_100, owner: { kind: 'forward', forwardId: 'gpu01:8000' } },
  { ...aLocalServer, port: 11_434, engine: 'ollama', models: [], state: { kind: 'locked' } },
];

const asker: Asker = {
  alias: 'gpu01',
  hostname: 'gpu01.example.org',
  port: 22,
  user: 'me',
  isJumpHost: false,
};

/** A question of every kind. */
export const prompts: Readonly<Record<Prompt['kind'], Prompt>> = {
  passphrase: {
    id: 'p1',
    hostId: 'gpu01',
    asker,
    kind: 'passphrase',
    text: '/home/me/.ssh/id_ed25519',
    fields: [{ label: 'Passphrase', echo: false }],
    again: false,
    remember: true,
  },
  password: {
    id: 'p2',
    hostId: 'gpu01',
    asker: { ...asker, alias: 'gate', isJumpHost: true, port: 2222 },
    kind: 'password',
    text: '',
    fields: [{ label: 'Password', echo: false }],
    again: true,
    remember: true,
  },
  interactive: {
    id: 'p3',
    hostId: 'gpu01',
    asker,
    kind: 'interactive',
    text: 'Duo two-factor login for me',
    fields: [
      { label: 'Password:', echo: false },
      { label: 'Passcode or option (1-3):', echo: true },
    ],
    again: false,
    remember: false,
  },
};

export const hostKeys: readonly UnknownHostKey[] = ['gpu01', '[gate]:2222'].map((name, at) => ({
  id: `key-${at + 1}`,
  name,
  type: 'ssh-ed25519',
  fingerprint: 'SHA256:uNiVztksCsDhcc0u9e8BrRc9y0F1hF4yZQv5a1W2X3Y',
  file: '/home/me/.ssh/known_hosts',
}));

const test: TestPrompt = {
  id: 'test 1',
  serverId: 'gpu01:8000',
  model: 'Qwen/Qwen3-32B',
  prompt: 'What is a KV cache for?',
  state: { kind: 'running' },
  text: 'It keeps the keys and values of the tokens so far,',
  firstTokenMs: 212,
  tokensPerSecond: 61.4,
  tokens: 12,
};

/** A test prompt in every state. */
export const testPrompts: readonly TestPrompt[] = [
  test,
  { ...test, id: 'test 2', state: { kind: 'done' }, tokens: 48 },
  { ...test, id: 'test 3', state: { kind: 'stopped' } },
  {
    ...test,
    id: 'test 4',
    state: { kind: 'failed', failure: aFailure('server-error', { step: 'models', detail: 'HTTP 500' }) },
    text: '',
    firstTokenMs: null,
    tokensPerSecond: null,
    tokens: 0,
  },
];

const model = { serverId: 'gpu01:8000', model: 'Qwen/Qwen3-32B' };

/** A notice of every kind. */
export const notices: readonly Notice[] = (
  [
    { kind: 'gpus-free', ruleId: 'r', counted: 'one-host', hosts: [{ hostId: 'gpu01', gpus: 8 }] },
    { kind: 'model-up', models: [model] },
    { kind: 'model-gone', models: [model, { ...model, model: 'org/other' }] },
    { kind: 'model-stuck', models: [model] },
    { kind: 'queue-long', models: [{ ...model, waiting: 34 }] },
    { kind: 'forward-lost', forwardIds: ['gpu01:8000'] },
    { kind: 'forward-restored', forwardIds: ['gpu01:8000'] },
    { kind: 'host-lost', hostIds: ['stale'] },
    { kind: 'host-back', hostIds: ['gpu01'] },
  ] as const
).map((news, at) => ({ ...news, id: String(at + 1), at: now - (10 - at) * minute }));

/** The same hosts in groups, and one that is in none. */
export const grouped: readonly Host[] = answering.map((one, at) => ({
  ...one,
  group: [null, 'h100', 'h100', 'Research cluster with a long name'][at % 4] ?? null,
}));
