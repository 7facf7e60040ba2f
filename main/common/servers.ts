/** Model servers, their models and how busy they are. An unknown number is null and never 0. */

import type { Failure } from './failure.ts';
import type { HostId, ServerId } from './ids.ts';

export type EngineKind =
  | 'vllm'
  | 'sglang'
  | 'tgi'
  | 'trtllm'
  | 'llama.cpp'
  | 'ollama'
  | 'lmstudio'
  | 'nim'
  | 'openai';

export interface ModelServer {
  readonly id: ServerId;
  readonly hostId: HostId;
  readonly port: number;
  /** The address on the host to connect to: 127.0.0.1 or ::1 for a wildcard, else the bound address. */
  readonly address: string;
  readonly state: ServerState;
  readonly engine: EngineKind | null;
  readonly version: string | null;
  readonly models: readonly Model[];
  /** How busy it is, one entry per model that its metrics name; empty where it has none. */
  readonly loads: readonly ModelLoad[];
  /** The process that answers; null where the login may not see it, or it was not looked at. */
  readonly process: ServerProcess | null;
  /** When it was looked for last. */
  readonly seenAt: number;
}

export interface ServerProcess {
  readonly pid: number;
  /** Its owner; null where `ps` does not say. */
  readonly user: string | null;
  readonly startedAt: number | null;
  /** Its command line, in which secrets are blotted out; at most 1,000 letters. */
  readonly args: string;
  readonly container: Container | null;
  /** The indices of the GPUs that it, or a process that it has started, holds; ascending. */
  readonly gpus: readonly number[];
}

/** What a process runs in, as its cgroup names it: the first twelve letters of a container's id, or the number of a job. */
export interface Container {
  readonly kind: 'docker' | 'podman' | 'kubernetes' | 'slurm' | 'container';
  readonly id: string;
}

export type ServerState =
  | { readonly kind: 'up' }
  /** Answers, and loads its model: no requests are served yet. */
  | { readonly kind: 'starting' }
  /** Its model is put away until it is woken (vLLM's sleep mode). */
  | { readonly kind: 'sleeping' }
  /**
   * Answers, and does no work: requests run or wait while no token comes, or its health page fails while it lists its models.
   * `since` is when that was seen first.
   */
  | { readonly kind: 'stuck'; readonly why: 'no-progress' | 'unhealthy'; readonly since: number }
  /** Answers 401 or 403: needs an API key, or another one than the stored. */
  | { readonly kind: 'locked' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /**
   * Nothing is known of it any more: its host has stopped answering, or it was not checked for too long (see freshness.ts).
   * `since` is when it was known last.
   */
  | { readonly kind: 'lost'; readonly what: 'host' | 'look'; readonly since: number | null };

/** Whether its load is measured: it serves requests, will as soon as one comes, or is stuck with some. */
export function hasLoad({ kind }: ServerState): boolean {
  return kind === 'up' || kind === 'sleeping' || kind === 'stuck';
}

export interface Model {
  readonly id: string;
  /** Context length in tokens (`max_model_len`), where the server says it. */
  readonly maxModelLen: number | null;
  /** The base model of a LoRA adapter. */
  readonly parent: string | null;
}

/** To which model servers an API key is shown; the keys themselves never leave the engine. */
export interface ApiKeyUse {
  readonly serverIds: readonly ServerId[];
  /** Whether they outlast the app, in an encrypted store; else they end with it. */
  readonly kept: boolean;
}

/** What a server's metrics say of one model, summed over its engines. Unknown is null. */
export interface ModelLoad {
  /** As the metrics name it; null where they name none. */
  readonly model: string | null;
  readonly running: number | null;
  readonly waiting: number | null;
  /** 0-100, the mean over the engines. */
  readonly kvCachePct: number | null;
  /** 0-100: prompt tokens found in the prefix cache, over the latest window, else since the server began. */
  readonly prefixHitPct: number | null;
  /** Since the server began. */
  readonly preemptionsTotal: number | null;
  readonly promptTokensTotal: number | null;
  readonly generationTokensTotal: number | null;
  /** Between the two latest samples; null before there are two, and across a restart. */
  readonly promptTokensPerSecond: number | null;
  readonly generationTokensPerSecond: number | null;
  /** Time to first token, time between tokens and end to end, of the requests of the latest window. */
  readonly ttft: Latency | null;
  readonly interToken: Latency | null;
  readonly endToEnd: Latency | null;
  /** Finished requests since the server began, by reason: `stop`, `length`, `abort`. */
  readonly finished: Readonly<Record<string, number>>;
}

/** Estimated within the histogram's buckets, as Prometheus' histogram_quantile does. */
export interface Latency {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** One test prompt to a model, sent on demand; its answer as far as it has come. */
export interface TestPrompt {
  readonly id: string;
  readonly serverId: ServerId;
  readonly model: string;
  /** As the person wrote it. */
  readonly prompt: string;
  readonly state:
    | { readonly kind: 'running' }
    | { readonly kind: 'done' }
    /** Given up by the person. */
    | { readonly kind: 'stopped' }
    | { readonly kind: 'failed'; readonly failure: Failure };
  /** Bounded, without control characters other than line feeds. */
  readonly text: string;
  readonly firstTokenMs: number | null;
  /** After the first token; null before there are two. */
  readonly tokensPerSecond: number | null;
  readonly tokens: number;
}
