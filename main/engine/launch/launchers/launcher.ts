/** How a program is started on a host: what every launcher has to say. Pure. */

import type { LauncherChoice, LauncherKind } from '#common/launches.ts';
import { shellWord } from '#common/text.ts';

/** What the host has, as far as launchers ask. */
export interface HostFacts {
  /** Folders of conda installations that have `etc/profile.d/conda.sh`. */
  readonly condaBases: readonly string[];
  /** Names of the environments of the first one. */
  readonly condaEnvironments: readonly string[];
  /** The path of `vllm` in the PATH of the login shell; null where it is not in it. */
  readonly vllm: string | null;
  readonly uv: boolean;
  readonly containerTool: 'docker' | 'podman' | null;
}

/** What is to be served, without how. */
export interface LaunchWork {
  readonly name: string;
  readonly model: string;
  readonly remotePort: number;
  /** Arguments of `vllm serve` after the model, as the person gave them. */
  readonly args: readonly string[];
  /** Variables of the person's own, by name. */
  readonly env: Readonly<Record<string, string>>;
  readonly gpus: GpuLimit | null;
}

/** The GPUs of one vendor that the program may use. */
export interface GpuLimit {
  readonly vendor: 'nvidia' | 'amd';
  readonly uuids: readonly string[];
  readonly indices: readonly number[];
}

export type ChoiceOf<Kind extends LauncherKind> = Extract<LauncherChoice, { readonly kind: Kind }>;

export interface Launcher<Kind extends LauncherKind = LauncherKind> {
  /** One line of sh whose last program takes the place of the shell. Errors: `launch-refused` where the host lacks what it needs. */
  line(work: LaunchWork, choice: ChoiceOf<Kind>, facts: HostFacts): string;
  /** One line that ends what a KILL of the process group leaves; null where that leaves nothing. */
  killLine(work: Pick<LaunchWork, 'name'>, facts: HostFacts): string | null;
}

/** Words as one line of sh in which each is one word again, whatever it holds. The only way from words to a line. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** `vllm serve` with its arguments. It listens on the host's loopback, where forwards end, unless the person said where. */
export function vllmWords(work: LaunchWork, address = '127.0.0.1'): readonly string[] {
  const hasAddress = work.args.some((arg) => arg === '--host' || arg.startsWith('--host='));
  return [
    ...['serve', work.model, '--port', String(work.remotePort)],
    ...(hasAddress ? [] : ['--host', address]),
    ...work.args,
  ];
}

/** `NAME=value` for every variable: the limit to the GPUs, then the person's own, which stand above it. */
export function assignments({ gpus, env }: LaunchWork): readonly string[] {
  const limit = gpus === null ? {} : limitOf(gpus);
  return Object.entries({ ...limit, ...env }).map(([name, value]) => `${name}=${value}`);
}

function limitOf({ vendor, uuids, indices }: GpuLimit): Readonly<Record<string, string>> {
  // AMD's variable takes numbers alone (ROCm, "GPU isolation techniques").
  if (vendor === 'amd') return { HIP_VISIBLE_DEVICES: indices.join(',') };
  return { CUDA_VISIBLE_DEVICES: uuids.join(',') };
}

/** `exec`, with the variables where there are any. */
export function execLine(work: LaunchWork, words: readonly string[]): string {
  const variables = assignments(work);
  return `exec ${shellLine(variables.length === 0 ? words : ['env', ...variables, ...words])}`;
}
