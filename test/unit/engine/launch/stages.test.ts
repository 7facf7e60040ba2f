import { describe, expect, it } from 'vitest';
import type { LaunchFailureKind, LaunchStage } from '#common/launches.ts';
import { lastLineOf, logLines, stageOf } from '#engine/launch/stages.ts';

const runs = { program: { kind: 'runs' }, endedFor: null, answers: false } as const;
const ended = (code: number | null) => ({ ...runs, program: { kind: 'ended', code } }) as const;

describe('the stage of a launch that runs', () => {
  it.each<[string, LaunchStage]>([
    ['', { kind: 'environment' }],
    ['INFO 11-20 10:00:00 [api_server.py:1043] vLLM API server version 0.8.4', { kind: 'environment' }],
    [
      'model-00001-of-00004.safetensors:  45%|████▌     | 2.24G/4.98G [00:21<00:25, 108MB/s]',
      { kind: 'download', doneBytes: 2_240_000_000, totalBytes: 4_980_000_000, bytesPerSecond: 108_000_000 },
    ],
    [
      'a:   1%| | 1.00M/99.0M [00:00<00:09, 9.5MB/s]\ra:  10%|█ | 9.90M/99.0M [00:01<00:08, 10.2MB/s]',
      { kind: 'download', doneBytes: 9_900_000, totalBytes: 99_000_000, bytesPerSecond: 10_200_000 },
    ],
    [
      'Fetching 4 files:   0%|          | 0/4 [00:00<?, ?it/s]',
      { kind: 'download', doneBytes: null, totalBytes: null, bytesPerSecond: null },
    ],
    ['INFO [gpu_model_runner.py:1329] Starting to load model Qwen/Qwen3-8B...', { kind: 'load', pct: null }],
    [
      'Loading safetensors checkpoint shards:  50% Completed | 2/4 [00:01<00:01,  1.86it/s]',
      { kind: 'load', pct: 50 },
    ],
    [
      "INFO [backends.py:420] Using cache directory: x for vLLM's torch.compile",
      { kind: 'compile', pct: null },
    ],
    [
      'Capturing CUDA graph shapes:  31%|███▏      | 11/35 [00:04<00:09,  2.5it/s]',
      { kind: 'compile', pct: 31 },
    ],
  ])('%j', (log, stage) => {
    expect(stageOf(logLines(log), runs)).toEqual(stage);
  });

  it('costs no more time than the log has letters', () => {
    const parts = ['1', '1/1 [1', 'env: vllm', 'access to model ', 'image ', '\r', 'x\r\r'];
    for (const part of parts) {
      const lines = logLines(`Fetching 4 files: 0%\n${part.repeat(1_000_000 / part.length)}\n`);
      expect(stageOf(lines, runs)).toMatchObject({ kind: 'download' });
      expect(stageOf(lines, ended(1))).toMatchObject({ kind: 'failed', failure: { kind: 'ended' } });
    }
  });

  it('is the latest one of the log, and ready only when the server answers', () => {
    const lines = logLines(
      'Fetching 4 files: 0%\nLoading safetensors checkpoint shards: 25% Completed\nnoise\n',
    );
    expect(stageOf(lines, runs)).toEqual({ kind: 'load', pct: 25 });
    expect(stageOf(logLines('Application startup complete.'), runs)).toEqual({ kind: 'environment' });
    expect(stageOf(lines, { ...runs, answers: true })).toEqual({ kind: 'ready' });
  });
});

describe('the end of a launch', () => {
  it.each<[LaunchFailureKind, number | null, string]>([
    ['out-of-memory', 1, 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.'],
    [
      'out-of-memory',
      1,
      'ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization`',
    ],
    [
      'out-of-memory',
      1,
      'ValueError: Free memory on device (3.1/79.1 GiB) on startup is less than desired GPU memory',
    ],
    ['port-taken', 1, 'OSError: [Errno 98] Address already in use'],
    ['no-access', 1, 'huggingface_hub.errors.GatedRepoError: 401 Client Error.'],
    ['no-access', 1, 'Access to model meta-llama/Llama-3.1-8B is restricted.'],
    ['no-disk', 1, 'OSError: [Errno 28] No space left on device'],
    [
      'uneven-split',
      1,
      'ValueError: Total number of attention heads (40) must be divisible by tensor parallel size (3).',
    ],
    ['no-environment', 1, 'EnvironmentNameNotFound: Could not find conda environment: vllm_env'],
    ['no-environment', 2, '/bin/sh: 1: .: cannot open /opt/x/bin/activate: No such file'],
    ['no-environment', 125, "Unable to find image 'vllm/nothing:latest' locally"],
    ['no-program', 127, 'env: ‘vllm’: No such file or directory'],
    ['no-program', 127, 'sh: 1: exec: uv: not found'],
    ['no-program', 2, 'vllm: error: unrecognized arguments: --max-modle-len'],
    ['old-driver', 1, 'RuntimeError: The NVIDIA driver on your system is too old (found version 11040).'],
    ['gpu-names', 1, "ValueError: invalid literal for int() with base 10: 'GPU-4f1c'"],
    ['killed', 137, 'INFO loading'],
    ['killed', null, 'INFO loading'],
    ['ended', 1, 'AssertionError'],
    ['ended', 0, 'bye'],
  ])('%s: code %s, %s', (kind, code, line) => {
    expect(stageOf(logLines(`INFO before\n${line}\n`), ended(code))).toEqual({
      kind: 'failed',
      failure: { kind, line },
    });
  });

  it('is the cause, and not what follows from it', () => {
    const log =
      'CUDA out of memory.\nTraceback (most recent call last):\nRuntimeError: Engine core initialization failed.\n';
    expect(stageOf(logLines(log), ended(1))).toMatchObject({
      failure: { kind: 'out-of-memory', line: 'CUDA out of memory.' },
    });
  });

  it('is no failure when the host was asked to end it', () => {
    expect(stageOf([], { ...ended(143), endedFor: 'lifetime' })).toEqual({
      kind: 'stopped',
      why: 'lifetime',
    });
    expect(stageOf([], { ...ended(null), endedFor: 'asked' })).toEqual({ kind: 'stopped', why: 'asked' });
  });

  it('shows hostile lines without what a terminal obeys', () => {
    expect(lastLineOf(logLines('x\n\u001b[31mred\u001b]0;title\u0007\u202e\n\n'))).toBe('red');
    expect(lastLineOf(logLines('a'.repeat(5000))).length).toBeLessThanOrEqual(300);
  });
});
