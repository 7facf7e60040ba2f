/** What a demo cluster is made of: kinds of GPU, hosts, who works on them and which models they serve. */

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

export const h100 = gpu('NVIDIA H100 80GB HBM3', '9.0', [4, 81_559], [71, 700], [345, 1980, 2619]);
export const h200 = gpu('NVIDIA H200', '9.0', [4, 143_771], [76, 700], [345, 1980, 3201]);
export const gh200 = gpu('NVIDIA GH200 480GB', '9.0', [6, 97_871], [84, 900], [345, 1980, 2619]);
export const a100 = gpu('NVIDIA A100-SXM4-80GB', '8.0', [7, 81_920], [58, 400], [210, 1410, 1593]);
export const a100Small = gpu('NVIDIA A100-SXM4-40GB', '8.0', [5, 40_960], [49, 400], [210, 1410, 1215]);
export const l40s = gpu('NVIDIA L40S', '8.9', [3, 46_068], [34, 350], [210, 2520, 9001]);
export const rtx4090 = gpu('NVIDIA GeForce RTX 4090', '8.9', [12, 24_564], [19, 450], [210, 3105, 10_501]);

/** A training that comes and goes, with what is given on top. */
export const training = (user: string, gpus: readonly number[], rest: Partial<JobSpec> = {}): JobSpec => ({
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

/** A host with one kind of GPU, null for none, and with what is given on top. */
export const host = (
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
