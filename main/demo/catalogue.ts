/** What stands in the demo cluster, as data: kinds of GPU, hosts, who works on them and which models they serve. */

import { demoApiKey } from '#common/demo.ts';

export interface GpuModel {
  /** As nvidia-smi prints it. */
  readonly name: string;
  readonly computeCap: string;
  readonly memTotalMiB: number;
  /** What the driver holds while nothing runs. */
  readonly memIdleMiB: number;
  readonly idleW: number;
  readonly limitW: number;
  readonly idleClockMHz: number;
  readonly maxClockMHz: number;
  readonly memClockMHz: number;
}

/** How the host meets its clients. */
export type Behaviour =
  | { readonly kind: 'normal' }
  /** Every login, command and answer comes this much later. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Nothing listens on its port. */
  | { readonly kind: 'unreachable' }
  /** Beside the key it wants a code: any six digits. */
  | { readonly kind: 'asks-code' }
  /** Its host key is not in known_hosts. */
  | { readonly kind: 'new-key' }
  /** As with `AllowTcpForwarding no`. */
  | { readonly kind: 'no-forwarding' };

/** A job that comes and goes: the GPUs it holds are idle in its pauses. */
export interface JobSpec {
  readonly user: string;
  /** The executable, as the process_name column of nvidia-smi shows it. */
  readonly program: string;
  readonly args: string;
  readonly gpus: readonly number[];
  readonly utilPct: number;
  readonly memMiB: number;
  readonly runMinutes: readonly [number, number];
  /** Null: it never pauses. */
  readonly pauseMinutes: readonly [number, number] | null;
}

/** What becomes of a model server over time. */
export type Life =
  | { readonly kind: 'serves' }
  /** Put to sleep (vLLM's sleep mode), and never woken. */
  | { readonly kind: 'sleeps' }
  /** Loads its model, serves, crashes and is started again. */
  | {
      readonly kind: 'restarts';
      readonly loadingSeconds: number;
      readonly servingSeconds: number;
      readonly downSeconds: number;
    };

export type DemoEngine = 'vllm' | 'sglang' | 'trtllm' | 'llama.cpp' | 'ollama' | 'nim';

export interface ModelServerSpec {
  readonly kind: DemoEngine;
  /** The address it is bound to on its host, as `ss` prints it. */
  readonly bind: string;
  readonly port: number;
  readonly user: string;
  readonly gpus: readonly number[];
  readonly model: string;
  readonly version: string;
  readonly maxModelLen: number;
  readonly adapters: readonly string[];
  /** What it was started with as --api-key: without it everything under /v1 answers 401. */
  readonly apiKey: string | null;
  readonly life: Life;
  /** Mean load: 1 means that every place in the batch is taken; above, requests wait. */
  readonly demand: number;
  /** So much more is asked of it when the tide is in; a queue then grows for minutes. */
  readonly tide: number;
  readonly maxRunning: number;
  /** Of one request while the server is little loaded. */
  readonly tokensPerSecond: number;
}

/** A web server that is no model server. */
export interface NotebookSpec {
  readonly kind: 'jupyter';
  readonly bind: string;
  readonly port: number;
  readonly user: string;
}

export type ServiceSpec = ModelServerSpec | NotebookSpec;

export interface HostSpec {
  readonly alias: string;
  readonly behaviour: Behaviour;
  readonly gpu: GpuModel | null;
  readonly gpuCount: number;
  /** Names of MIG instances on every GPU; empty: MIG is off. */
  readonly mig: readonly string[];
  /** GPUs that need a reset. */
  readonly brokenGpus: readonly number[];
  readonly driver: string;
  readonly jobs: readonly JobSpec[];
  readonly services: readonly ServiceSpec[];
}

const gpu = (
  name: string,
  computeCap: string,
  memMiB: readonly [number, number],
  watts: readonly [number, number],
  clocksMHz: readonly [number, number, number],
): GpuModel => ({
  name,
  computeCap,
  memTotalMiB: memMiB[1],
  memIdleMiB: memMiB[0],
  idleW: watts[0],
  limitW: watts[1],
  idleClockMHz: clocksMHz[0],
  maxClockMHz: clocksMHz[1],
  memClockMHz: clocksMHz[2],
});

const h100 = gpu('NVIDIA H100 80GB HBM3', '9.0', [4, 81_559], [71, 700], [345, 1980, 2619]);
const h200 = gpu('NVIDIA H200', '9.0', [4, 143_771], [76, 700], [345, 1980, 3201]);
const gh200 = gpu('NVIDIA GH200 480GB', '9.0', [6, 97_871], [84, 900], [345, 1980, 2619]);
const a100 = gpu('NVIDIA A100-SXM4-80GB', '8.0', [7, 81_920], [58, 400], [210, 1410, 1593]);
const a100Small = gpu('NVIDIA A100-SXM4-40GB', '8.0', [5, 40_960], [49, 400], [210, 1410, 1215]);
const l40s = gpu('NVIDIA L40S', '8.9', [3, 46_068], [34, 350], [210, 2520, 9001]);
const rtx4090 = gpu('NVIDIA GeForce RTX 4090', '8.9', [12, 24_564], [19, 450], [210, 3105, 10_501]);

const training = (user: string, gpus: readonly number[], rest: Partial<JobSpec> = {}): JobSpec => ({
  user,
  program: `/home/${user}/venv/bin/python3`,
  args: `/home/${user}/venv/bin/python3 -u train.py --config configs/sft-8b.yaml`,
  gpus,
  utilPct: 96,
  memMiB: 61_000,
  runMinutes: [4, 14],
  pauseMinutes: [1, 4],
  ...rest,
});

type Served = Partial<ModelServerSpec> & Pick<ModelServerSpec, 'model' | 'user' | 'gpus' | 'maxModelLen'>;

/** A model server of the usual kind, with what is given on top. */
export const serverOf = (served: Served): ModelServerSpec => ({
  kind: 'vllm',
  bind: '0.0.0.0',
  port: 8000,
  version: '0.11.0',
  adapters: [],
  apiKey: null,
  life: { kind: 'serves' },
  demand: 0.4,
  tide: 0,
  maxRunning: 64,
  tokensPerSecond: 42,
  ...served,
});

const host = (
  alias: string,
  model: GpuModel | null,
  gpuCount: number,
  rest: Partial<HostSpec>,
): HostSpec => ({
  alias,
  behaviour: { kind: 'normal' },
  gpu: model,
  gpuCount,
  mig: [],
  brokenGpus: [],
  driver: '570.133.20',
  jobs: [],
  services: [],
  ...rest,
});

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
