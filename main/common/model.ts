/**
 * What the app knows, as readonly data. Everything here is plain JSON: it crosses IPC and a WebSocket unchanged.
 * Times are milliseconds since the epoch, memory is MiB, an unknown number is null and never 0.
 */

import type { ErrorCode } from './errors.ts';
import type { AutoForwardEntry, Elsewhere, Forward, LocalServer, TestPrompt } from './forwards.ts';
import type { Notice } from './notices.ts';
import type { Settings } from './settings.ts';

/** A host's alias in the SSH configuration; unique within one configuration. */
export type HostId = string;
/** `<alias>:<remote port>`, see {@link serverId}. A forward to a server has the same id. */
export type ServerId = string;

export interface Snapshot {
  /** Grows by one with every patch; a receiver that misses one asks for the whole Snapshot again. */
  readonly revision: number;
  readonly source: Source;
  /** In the order of the SSH configuration. */
  readonly hosts: readonly Host[];
  /** Aliases of the configuration that the settings leave out, in its order: nobody contacts them. */
  readonly excludedAliases: readonly string[];
  /** By host in configuration order, then by port. */
  readonly servers: readonly ModelServer[];
  /** In the order in which they were opened. */
  readonly forwards: readonly Forward[];
  readonly scan: ScanState;
  readonly settings: Settings;
  /** What the auto-forward rules did with each model; empty while they are switched off. */
  readonly autoForwards: readonly AutoForwardEntry[];
  readonly elsewhere: Elsewhere;
  /** By port. */
  readonly localServers: readonly LocalServer[];
  /** The latest few, oldest first. */
  readonly testPrompts: readonly TestPrompt[];
  readonly apiKeys: ApiKeyUse;
  /** The latest ones, oldest first. */
  readonly notices: readonly Notice[];
  /** What is wrong with the configuration itself, one sentence each; never a reason to stop. */
  readonly problems: readonly Problem[];
  /** Questions of logins that wait for an answer, oldest first. */
  readonly prompts: readonly Prompt[];
  /** Host keys that nobody has accepted yet, in the order in which they were met. */
  readonly hostKeys: readonly UnknownHostKey[];
}

/** Where the hosts come from. The demo cluster is labelled as such in every face. */
export type Source = ({ readonly kind: 'ssh-config'; readonly path: string } | { readonly kind: 'demo' }) & {
  /** The configuration to name to `ssh -F`; absent where ssh reads it by itself. */
  readonly configFile?: string;
};

/**
 * A question that a login asks the person at this computer. Only a login that was asked for does (`host.login`). All text
 * from the server is bounded and without control characters. The answer goes back by `prompt.answer` and is kept nowhere,
 * unless the person wants it remembered.
 */
export interface Prompt {
  readonly id: string;
  /** The host that is logged in to, and who asks: it, or a jump host on the way there. */
  readonly hostId: HostId;
  readonly asker: Asker;
  readonly kind: PromptKind;
  /** What the server says above its questions; of a passphrase the key file's path. May be empty. */
  readonly text: string;
  readonly fields: readonly PromptField[];
  /** The previous answer to the same question was wrong. */
  readonly again: boolean;
  /** Whether and how safely an answer can be remembered; codes that work once never are. */
  readonly remember: 'no' | 'encrypted' | 'plain-text';
}

/** A key's passphrase, the account's password, or whatever the server asks (keyboard-interactive, RFC 4256). */
export type PromptKind = 'passphrase' | 'password' | 'interactive';

export interface Asker extends Endpoint {
  readonly alias: string;
  readonly isJumpHost: boolean;
}

export interface PromptField {
  readonly label: string;
  /** Whether the answer may be seen while it is typed. */
  readonly echo: boolean;
}

/** A key that a host or jump host showed and known_hosts does not have. The hosts that wait for it name it in their failure. */
export interface UnknownHostKey {
  readonly id: string;
  /** As known_hosts writes it: `gpu1`, `[gpu1]:2222`, or the HostKeyAlias. */
  readonly name: string;
  /** `ssh-ed25519`. */
  readonly type: string;
  /** `SHA256:...`, as ssh-keygen prints it. */
  readonly fingerprint: string;
  /** Where it is written when it is accepted. */
  readonly file: string;
}

export interface Problem {
  readonly code: ErrorCode;
  /** File and line, or whatever else says where. */
  readonly detail: string;
}

export interface Host {
  readonly id: HostId;
  readonly alias: string;
  /** Null until `ssh -G` has answered. */
  readonly endpoint: Endpoint | null;
  readonly state: HostState;
  readonly gpus: readonly Gpu[];
  /** When `gpus` was measured; null before the first answer. */
  readonly measuredAt: number | null;
  readonly driverVersion: string | null;
  /** The newest CUDA that the driver serves, as nvidia-smi says it. */
  readonly cudaVersion: string | null;
  /** The host's own processors and memory; null before the first answer. */
  readonly system: HostSystem | null;
  /** What the connection runs over: the built-in client or the system's ssh; null before the first one. */
  readonly client: 'built-in' | 'system' | null;
  /** Whether the host's sshd opens direct-tcpip channels (AllowTcpForwarding, PermitOpen). */
  readonly forwarding: 'unknown' | 'allowed' | 'prohibited';
}

export interface HostSystem {
  readonly cpuCount: number | null;
  /** Runnable tasks, averaged over a minute (/proc/loadavg). */
  readonly load1: number | null;
  /** Total less what is available to programs (MemAvailable). */
  readonly memUsedMiB: number | null;
  readonly memTotalMiB: number | null;
}

export interface Endpoint {
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
}

export type ConnectStep = 'resolve' | 'connect' | 'handshake' | 'authenticate' | 'shell';
export type FailedStep = ConnectStep | 'probe' | 'models' | 'forward';

/** States in which nothing was learnt from the host; all carry the reason. */
export type FailedKind =
  | 'misconfigured'
  | 'unreachable'
  | 'throttled'
  | 'hostkey-unknown'
  | 'hostkey-changed'
  | 'auth-needed'
  | 'needs-job'
  | 'no-shell';

export type HostState =
  /** Named in the configuration, not looked at yet. */
  | { readonly kind: 'unresolved' }
  /** Waits for its turn in the scan. */
  | { readonly kind: 'queued' }
  | { readonly kind: 'connecting'; readonly step: ConnectStep }
  | { readonly kind: 'up' }
  /** Answers, has no usable GPU: no nvidia-smi, or no devices. Its models are shown all the same. */
  | { readonly kind: 'no-gpu'; readonly failure: Failure }
  /** Answers, but its GPU tool fails or hangs. */
  | { readonly kind: 'gpu-error'; readonly failure: Failure }
  /** Was up and stopped answering: the GPUs shown are old. */
  | { readonly kind: 'stale'; readonly failure: Failure }
  | { readonly kind: FailedKind; readonly failure: Failure };

/** Why something failed. Title and remedy for the code are in errors.ts, the same words in every face. */
export interface Failure {
  readonly code: ErrorCode;
  readonly step: FailedStep;
  /** The raw text of the cause: bounded, without control characters; may be empty. */
  readonly detail: string;
  /** The command line that shows the same failure in a terminal, if there is one. */
  readonly command: string | null;
  /** When the next attempt follows by itself; null when none does. */
  readonly nextAttemptAt: number | null;
  /** The jump host at which it failed; absent where that is the host itself. */
  readonly hop?: string;
  /** The {@link UnknownHostKey} to accept before it can work. */
  readonly hostKeyId?: string;
}

export type GpuVendor = 'nvidia' | 'amd';

export interface Gpu {
  readonly vendor: GpuVendor;
  readonly index: number;
  /** Unique on its host; where the tool names none, one made of the vendor and the index. */
  readonly uuid: string;
  readonly name: string;
  /** 0-100; null where the driver does not say (MIG, some Jetsons). */
  readonly utilPct: number | null;
  readonly memUsedMiB: number | null;
  readonly memTotalMiB: number | null;
  readonly temperatureC: number | null;
  readonly powerW: number | null;
  /** It shares the host's memory (Jetson, GB10, APUs); its own memory is unknown then. */
  readonly unifiedMemory: boolean;
  /** Its MIG instances; null with MIG off. */
  readonly instances: readonly MigInstance[] | null;
  readonly details: GpuDetails;
  readonly processes: readonly GpuProcess[];
  /** What is wrong with this one GPU ("GPU requires reset"); such a GPU is neither idle nor busy. */
  readonly problem: string | null;
  /** Samples taken of this GPU since the host came up, and how many of the latest in a row met the idle rule. */
  readonly samples: number;
  readonly idleStreak: number;
}

/** A MIG instance. Its utilisation is not known: nvidia-smi measures it for whole GPUs only. */
export interface MigInstance {
  /** The number of the MIG device on its GPU. */
  readonly index: number;
  /** `MIG-...`, what CUDA_VISIBLE_DEVICES takes; null where the driver does not say. */
  readonly uuid: string | null;
  /** `1g.10gb`; null where the driver does not say. */
  readonly profile: string | null;
  readonly memUsedMiB: number | null;
  readonly memTotalMiB: number | null;
  readonly processes: readonly GpuProcess[];
}

/** What is worth knowing of one GPU, and no column of a list. */
export interface GpuDetails {
  readonly powerLimitW: number | null;
  readonly fanPct: number | null;
  readonly smClockMHz: number | null;
  readonly memClockMHz: number | null;
  /** Since the driver was loaded. */
  readonly eccUncorrected: number | null;
  /** Why its clocks are below their best at the moment, beside idleness: `power cap`, `thermal`. */
  readonly throttleReasons: readonly string[];
  /** `00000000:65:00.0`. */
  readonly pciBusId: string | null;
}

export interface GpuProcess {
  readonly pid: number;
  readonly user: string | null;
  /** When it started, to about a second. */
  readonly startedAt: number | null;
  /** The program's name, without its arguments' secrets: at most 200 characters. */
  readonly command: string;
  readonly memUsedMiB: number | null;
}

/** A GPU is idle when all three hold for the last `samples` samples. */
export type IdleRule = Settings['idleRule'];

export type EngineKind = 'vllm' | 'sglang' | 'tgi' | 'llama.cpp' | 'ollama' | 'lmstudio' | 'openai';

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
  readonly seenAt: number;
}

export type ServerState =
  | { readonly kind: 'up' }
  /** Answers, and loads its model: no requests are served yet. */
  | { readonly kind: 'starting' }
  /** Its model is put away until it is woken (vLLM's sleep mode). */
  | { readonly kind: 'sleeping' }
  /** Answers 401 or 403: needs an API key, or another one than the stored. */
  | { readonly kind: 'locked' }
  | { readonly kind: 'failed'; readonly failure: Failure };

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

export type ScanState =
  | { readonly kind: 'never' }
  | { readonly kind: 'running'; readonly done: number; readonly total: number; readonly startedAt: number }
  | ({ readonly kind: 'done' } & FinishedScan)
  | ({ readonly kind: 'cancelled' } & FinishedScan);

export interface FinishedScan {
  readonly done: number;
  readonly total: number;
  readonly startedAt: number;
  readonly finishedAt: number;
}

export function serverId(hostId: HostId, port: number): ServerId {
  return `${hostId}:${port}`;
}

/** Closes a switch over a union: a forgotten kind does not compile. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
