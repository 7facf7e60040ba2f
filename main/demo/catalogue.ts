import { demoApiKey } from '#common/demo.ts';
import {
  a100,
  a100Small,
  gh200,
  type HostSpec,
  h100,
  h200,
  host,
  l40s,
  rtx4090,
  serverOf,
  training,
} from './specs.ts';

/** The hosts of the demo cluster, in the order of its SSH configuration. */
export const demoHosts: readonly HostSpec[] = [
  host('h100-01', h100, 8, {
    jobs: [training('alice', [4, 5])],
    services: [
      serverOf({
        model: 'meta-llama/Llama-3.3-70B-Instruct',
        user: 'svc-llm',
        gpus: [0, 1, 2, 3],
        maxModelLen: 131_072,
      }),
      serverOf({
        model: 'google/gemma-3-27b-it',
        user: 'alice',
        gpus: [6],
        maxModelLen: 131_072,
        port: 8001,
        life: { kind: 'restarts', loadingSeconds: 45, servingSeconds: 240, downSeconds: 30 },
        demand: 0.3,
        tokensPerSecond: 55,
      }),
    ],
  }),
  host('h100-02', h100, 8, {
    jobs: [
      training('bob', [0, 1, 2, 3, 4, 5, 6, 7], {
        args: '/home/bob/venv/bin/python3 -u pretrain.py --config configs/moe-30b.yaml',
        memMiB: 74_500,
        runMinutes: [9, 25],
      }),
    ],
  }),
  host('h100-03', h100, 8, {
    jobs: [training('chen', [6], { memMiB: 33_400, utilPct: 78 })],
    services: [
      serverOf({
        model: 'Qwen/Qwen2.5-72B-Instruct',
        user: 'svc-llm',
        gpus: [0, 1, 2, 3],
        maxModelLen: 32_768,
      }),
      serverOf({
        model: 'Qwen/Qwen3-30B-A3B',
        user: 'chen',
        gpus: [4, 5],
        maxModelLen: 40_960,
        port: 8001,
        demand: 0.12,
        tokensPerSecond: 110,
      }),
      serverOf({
        kind: 'trtllm',
        model: 'nvidia/Llama-3.1-8B-Instruct-FP8',
        version: '1.1.0',
        user: 'chen',
        gpus: [7],
        maxModelLen: 131_072,
        port: 8002,
        demand: 0.2,
        tokensPerSecond: 160,
      }),
    ],
  }),
  host('h200-01', h200, 8, {
    driver: '590.48.01',
    services: [
      serverOf({
        model: 'deepseek-ai/DeepSeek-V3.1',
        user: 'svc-llm',
        gpus: [0, 1, 2, 3, 4, 5, 6, 7],
        maxModelLen: 163_840,
        demand: 0.85,
        tide: 0.55,
        maxRunning: 128,
        tokensPerSecond: 31,
      }),
    ],
  }),
  host('a100-train-1', a100, 8, {
    brokenGpus: [5],
    driver: '550.90.07',
    jobs: [training('dana', [0, 1, 2, 3]), training('emil', [6], { memMiB: 22_800, utilPct: 64 })],
    services: [
      serverOf({
        model: 'microsoft/phi-4',
        user: 'dana',
        gpus: [7],
        maxModelLen: 16_384,
        life: { kind: 'sleeps' },
      }),
    ],
  }),
  host('a100-train-2', a100Small, 4, {
    behaviour: { kind: 'slow', delayMs: 1000 },
    driver: '550.90.07',
    jobs: [training('dana', [0, 1], { memMiB: 35_200 })],
  }),
  host('a100-mig', a100, 2, {
    mig: ['3g.40gb', '2g.20gb', '1g.10gb'],
    driver: '550.90.07',
    jobs: [training('fatima', [0], { memMiB: 9_700, pauseMinutes: null })],
  }),
  host('l40s-dev', l40s, 4, {
    jobs: [
      training('emil', [3], {
        args: '/home/emil/venv/bin/python3 -m ipykernel_launcher -f /run/user/1004/kernel.json',
        memMiB: 7_900,
        utilPct: 22,
      }),
    ],
    services: [
      serverOf({
        model: 'Qwen/Qwen2.5-Coder-32B-Instruct',
        user: 'emil',
        gpus: [0, 1],
        maxModelLen: 32_768,
        adapters: ['sql-assistant'],
        demand: 0.2,
      }),
      serverOf({
        kind: 'sglang',
        model: 'Qwen/Qwen3-8B',
        version: '0.5.3',
        user: 'emil',
        gpus: [2],
        maxModelLen: 40_960,
        port: 30_000,
        demand: 0.25,
        tokensPerSecond: 74,
      }),
      { kind: 'jupyter', bind: '127.0.0.1', port: 8888, user: 'emil' },
    ],
  }),
  host('l40s-batch', l40s, 4, {
    behaviour: { kind: 'no-forwarding' },
    services: [
      serverOf({
        model: 'mistralai/Mistral-Small-3.2-24B',
        user: 'batch',
        gpus: [0, 1],
        maxModelLen: 131_072,
      }),
    ],
  }),
  host('rtx-lab', rtx4090, 2, {
    behaviour: { kind: 'slow', delayMs: 400 },
    driver: '580.65.06',
    services: [
      serverOf({
        model: 'meta-llama/Llama-3.1-8B-Instruct',
        user: 'fatima',
        gpus: [0],
        maxModelLen: 16_384,
        bind: '127.0.0.1',
        demand: 0.1,
        maxRunning: 32,
        tokensPerSecond: 68,
      }),
      serverOf({
        kind: 'llama.cpp',
        model: 'gemma-3-12b-it-Q4_K_M.gguf',
        version: 'b6524-5c6106a69',
        user: 'fatima',
        gpus: [1],
        maxModelLen: 32_768,
        bind: '127.0.0.1',
        port: 8080,
        demand: 0.25,
        maxRunning: 4,
        tokensPerSecond: 44,
      }),
    ],
  }),
  host('gh200', gh200, 1, {
    services: [
      serverOf({
        model: 'openai/gpt-oss-120b',
        user: 'chen',
        gpus: [0],
        maxModelLen: 131_072,
        bind: '[::]',
        apiKey: demoApiKey,
      }),
    ],
  }),
  host('cpu-build', null, 0, {
    services: [
      serverOf({
        kind: 'ollama',
        model: 'llama3.2:3b',
        version: '0.12.3',
        user: 'ollama',
        gpus: [],
        maxModelLen: 4096,
        bind: '127.0.0.1',
        port: 11_434,
        maxRunning: 1,
        tokensPerSecond: 11,
      }),
    ],
  }),
  host('v100-old', null, 0, { behaviour: { kind: 'unreachable' } }),
  host('dgx-guest', a100, 8, {
    behaviour: { kind: 'asks-code' },
    services: [
      serverOf({
        kind: 'nim',
        model: 'meta/llama-3.1-70b-instruct',
        version: '2.1.4',
        user: 'svc-nim',
        gpus: [0, 1],
        maxModelLen: 131_072,
      }),
    ],
  }),
  host('h200-new', h200, 4, { behaviour: { kind: 'new-key' } }),
];
