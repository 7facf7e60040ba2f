/** A launch in every stage and with every failure, for the gallery. */

import {
  type Launch,
  type LaunchFailureKind,
  type LaunchPlan,
  type LaunchStage,
  launchFailureKinds,
} from '#common/launches.ts';
import { launch } from '../support/snapshot.ts';

const now = Date.now();
const minute = 60_000;

const stages: readonly LaunchStage[] = [
  { kind: 'environment' },
  { kind: 'download', doneBytes: null, totalBytes: null, bytesPerSecond: null },
  { kind: 'download', doneBytes: 13_400_000_000, totalBytes: 65_500_000_000, bytesPerSecond: 212_000_000 },
  { kind: 'load', pct: 47 },
  { kind: 'compile', pct: 80 },
  { kind: 'ready' },
  { kind: 'stopped', why: 'asked' },
  { kind: 'stopped', why: 'lifetime' },
];

const of = (at: number, stage: LaunchStage, fields: Partial<Launch> = {}): Launch =>
  launch(at % 2 === 0 ? 'gpu01' : 'gpu02', `vllmctl_server_${8000 + at}`, {
    model: 'Qwen/Qwen3-32B',
    remotePort: 8000 + at,
    gpus: ['GPU-0', 'GPU-1'],
    command: `exec env CUDA_VISIBLE_DEVICES=GPU-0,GPU-1 vllm serve Qwen/Qwen3-32B --port ${8000 + at} --host 127.0.0.1 --tensor-parallel-size 2`,
    startedAt: now - (at + 1) * minute,
    endsAt: at % 3 === 0 ? null : now + (at * 37 + 2) * minute,
    stage,
    lastLine: 'INFO 11-30 10:00:00 [api_server.py:1024] Application startup complete.',
    ...fields,
  });

const lines: Partial<Record<LaunchFailureKind, string>> = {
  'out-of-memory': 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.96 GiB.',
  'no-access': 'huggingface_hub.errors.GatedRepoError: 403 Client Error.',
  'port-taken': 'OSError: [Errno 98] Address already in use',
};

/** One in each stage; the last one is a session of vllmctl, of which less is known. */
export const launches: readonly Launch[] = [
  ...stages.map((stage, at) => of(at, stage)),
  of(
    20,
    { kind: 'ready' },
    { model: null, launcher: null, command: null, startedAt: null, endsAt: null, gpus: [] },
  ),
];

/** One for each failure. */
export const failedLaunches: readonly Launch[] = launchFailureKinds.map((kind, at) =>
  of(at, { kind: 'failed', failure: { kind, line: lines[kind] ?? '' } }),
);

/** A log of a host that means harm: marks that reorder text, escapes, and letters of a page. */
export const launchLog = [
  'INFO 11-30 09:59:12 [cuda.py:100] Using Flash Attention backend.',
  'Loading safetensors checkpoint shards:  50% Completed | 2/4 [00:04<00:04,  2.10s/it]',
  '<img src=x onerror=alert(1)> is what this line says',
  'ERROR 11-30 10:00:00 [core.py:708] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.96 GiB.',
  '',
].join('\n');

export const launchPlan: LaunchPlan = {
  id: 'plan',
  hostId: 'gpu01',
  name: 'vllmctl_server_8000',
  model: 'Qwen/Qwen3-32B',
  remotePort: 8000,
  gpus: ['GPU-0', 'GPU-1'],
  launcher: 'conda',
  command:
    '. /opt/conda/etc/profile.d/conda.sh && conda activate vllm_env && exec env CUDA_VISIBLE_DEVICES=GPU-0,GPU-1 vllm serve Qwen/Qwen3-32B --port 8000 --host 127.0.0.1 --hf-overrides \'{"rope_scaling": null}\' --tensor-parallel-size 2',
  lifetimeSeconds: 7200,
};
