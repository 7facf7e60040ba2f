/** Hosts, their GPUs and what runs on them. Memory is MiB; an unknown number is null and never 0. */

import type { ConnectStep, FailedKind, Failure } from './failure.ts';
import type { GpuVendor } from './gpu-tools.ts';
import type { HostId } from './ids.ts';
import type { ModelServer } from './servers.ts';
import type { Settings } from './settings.ts';

export interface Host {
  readonly id: HostId;
  readonly alias: string;
  /** The group that it is shown in; null: none. */
  readonly group: string | null;
  /** Null until `ssh -G` has answered. */
  readonly endpoint: Endpoint | null;
  readonly state: HostState;
  readonly gpus: readonly Gpu[];
  /** When `gpus` was measured; null before the first answer. */
  readonly measuredAt: number | null;
  readonly driverVersion: string | null;
  /** The newest CUDA that the driver serves, as its GPU tool says it. */
  readonly cudaVersion: string | null;
  /** The host's own processors and memory; null before the first answer. */
  readonly system: HostSystem | null;
  /** What the connection runs over: the built-in client or the system's ssh; null before the first one. */
  readonly client: 'built-in' | 'system' | null;
  /** Whether the host's sshd opens direct-tcpip channels (AllowTcpForwarding, PermitOpen). */
  readonly forwarding: 'unknown' | 'allowed' | 'prohibited';
  /** Where the values of this row come from. */
  readonly source: HostSource;
  /** What Prometheus says of a host of the SSH configuration while SSH has no current values of it; null: nothing. */
  readonly beside: PrometheusReading | null;
  /** Labels that say where the host belongs, such as cluster and rack, from Prometheus; empty where it does not know the host. */
  readonly labels: Readonly<Record<string, string>>;
}

export type HostSource = { readonly kind: 'ssh' } | PrometheusOrigin;

export interface PrometheusOrigin {
  readonly kind: 'prometheus';
  /** The id of the source in the settings. */
  readonly sourceId: string;
  /** What the source is called. */
  readonly name: string;
  /** What Prometheus calls the host, and the exporter that it scrapes there. */
  readonly host: string;
  readonly instance: string;
  /** After so many milliseconds without a new sample its values say nothing of now. */
  readonly staleAfterMs: number;
  /** How the host is by SSH; null where it is not in the SSH configuration, or switched off there. */
  readonly ssh: HostState | null;
  /** Why there is no SSH: not in the configuration, or switched off in the settings. Null where there is. */
  readonly without: 'unlisted' | 'switched-off' | null;
}

/** What Prometheus says of a host. */
export interface PrometheusReading
  extends Pick<Host, 'gpus' | 'measuredAt' | 'driverVersion' | 'cudaVersion' | 'system'> {
  readonly origin: PrometheusOrigin;
  readonly servers: readonly ModelServer[];
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

export type HostState =
  /** Named in the configuration, not looked at yet. */
  | { readonly kind: 'unresolved' }
  /** Waits for its turn in the scan. */
  | { readonly kind: 'queued' }
  | { readonly kind: 'connecting'; readonly step: ConnectStep }
  | { readonly kind: 'up' }
  /** Answers, has no usable GPU: no GPU tool, or no devices. Its models are shown all the same. */
  | { readonly kind: 'no-gpu'; readonly failure: Failure }
  /** Answers, but its GPU tool fails or hangs. */
  | { readonly kind: 'gpu-error'; readonly failure: Failure }
  /** Was up and stopped answering: of its GPUs only what they are is known. */
  | { readonly kind: 'stale'; readonly failure: Failure }
  | { readonly kind: FailedKind; readonly failure: Failure };

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
  /** Who a scheduler gave it to, where an exporter says so. */
  readonly job?: GpuJob;
  /** What is wrong with this one GPU ("GPU requires reset"); such a GPU is neither idle nor busy. */
  readonly problem: string | null;
  /** Samples taken of this GPU since the host came up, and how many of the latest in a row met the idle rule. */
  readonly samples: number;
  readonly idleStreak: number;
}

/** A MIG instance. Its utilisation is not known: the driver measures it for whole GPUs only. */
export interface MigInstance {
  /** The number of the MIG device on its GPU. */
  readonly index: number;
  /** `MIG-...`, what limits a program to it; null where the driver does not say. */
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

/** A job of Slurm or a pod of Kubernetes that holds a GPU; null is unknown. */
export interface GpuJob {
  readonly user: string | null;
  readonly job: string | null;
  /** `namespace/name`. */
  readonly pod: string | null;
}

/** A GPU is idle when all three hold for the last `samples` samples. */
export type IdleRule = Settings['idleRule'];
