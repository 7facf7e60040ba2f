/** Launches: model servers that this app, or vllmctl, has started on a host, and what becomes of them. */

import type { HostId } from './ids.ts';

/** `<alias>/<name>`, see {@link launchId}. */
export type LaunchId = string;

export function launchId(hostId: HostId, name: string): LaunchId {
  return `${hostId}/${name}`;
}

/** The name that vllmctl gives the tmux session of a server. */
export function defaultLaunchName(remotePort: number): string {
  return `vllmctl_server_${remotePort}`;
}

/** Letters that neither tmux nor a path takes for anything else; a leading dash would be an option. */
export const launchNamePattern = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/;

/** What makes the program there: found in PATH, in an environment, or in an image. */
export const launcherKinds = ['plain', 'conda', 'venv', 'uv', 'container'] as const;

export type LauncherKind = (typeof launcherKinds)[number];

/** Which launcher, with what it needs. `auto`: `vllm_env` of conda where the host has it, else the `vllm` in PATH. */
export type LauncherChoice =
  | { readonly kind: 'auto' }
  | { readonly kind: 'plain' }
  | { readonly kind: 'conda'; readonly environment: string }
  /** The folder of the environment, as the host names it. */
  | { readonly kind: 'venv'; readonly folder: string }
  | { readonly kind: 'uv' }
  | { readonly kind: 'container'; readonly image: string };

/** Which GPUs: so many free ones, or those of these numbers. None at all: the variables of the GPU tools stay unset. */
export type GpuWish =
  | { readonly kind: 'count'; readonly count: number; readonly minGiB: number }
  | { readonly kind: 'indices'; readonly indices: readonly number[] };

/** Why a launch failed. A time limit of the one who waits is none: the launch goes on. */
export const launchFailureKinds = [
  'out-of-memory',
  'port-taken',
  'no-access',
  'no-disk',
  'uneven-split',
  'no-environment',
  'no-program',
  'old-driver',
  'gpu-names',
  'killed',
  'ended',
] as const;

export type LaunchFailureKind = (typeof launchFailureKinds)[number];

export interface LaunchFailure {
  readonly kind: LaunchFailureKind;
  /** The line of the log that says so: hostile text, bounded; empty where there is none. */
  readonly line: string;
}

export type LaunchStage =
  /** The program is being found and started. */
  | { readonly kind: 'environment' }
  /** Bytes of the files that it is at; null where the log does not say. */
  | {
      readonly kind: 'download';
      readonly doneBytes: number | null;
      readonly totalBytes: number | null;
      readonly bytesPerSecond: number | null;
    }
  /** The weights go to the GPUs, 0-100. */
  | { readonly kind: 'load'; readonly pct: number | null }
  /** Compiles, and captures CUDA graphs, 0-100. */
  | { readonly kind: 'compile'; readonly pct: number | null }
  /** `/v1/models` answers. */
  | { readonly kind: 'ready' }
  /** Ended because a person stopped it, or its lifetime was over. */
  | { readonly kind: 'stopped'; readonly why: 'asked' | 'lifetime' }
  | { readonly kind: 'failed'; readonly failure: LaunchFailure };

export interface Launch {
  readonly id: LaunchId;
  readonly hostId: HostId;
  /** Unique on its host; that of its tmux session where it has one. */
  readonly name: string;
  /** What was to be served; null for a session of vllmctl, whose name does not say. */
  readonly model: string | null;
  readonly remotePort: number;
  /** UUIDs of the GPUs that it was limited to. */
  readonly gpus: readonly string[];
  readonly launcher: LauncherKind | null;
  /** The line that runs, as it was shown before; null for a session of vllmctl. */
  readonly command: string | null;
  readonly startedAt: number | null;
  /** When the host ends it; null: never. */
  readonly endsAt: number | null;
  readonly stage: LaunchStage;
  /** The latest line of its log: hostile text, bounded. */
  readonly lastLine: string;
}

/** Whether its program still runs, or is taken to. */
export function isLive({ stage }: Pick<Launch, 'stage'>): boolean {
  return stage.kind !== 'stopped' && stage.kind !== 'failed';
}

/** What will run, before it does. */
export interface LaunchPlan {
  /** To start exactly this one. */
  readonly id: string;
  readonly hostId: HostId;
  readonly name: string;
  readonly model: string;
  readonly remotePort: number;
  readonly gpus: readonly string[];
  readonly launcher: LauncherKind;
  /** One line of sh, word by word what runs on the host. */
  readonly command: string;
  /** How long the host lets it run; null: for ever. */
  readonly lifetimeSeconds: number | null;
}
