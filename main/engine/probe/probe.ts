/** What is asked of a host over its shell: its GPUs with who is on them, its own load, and what listens there. */

import { AppError } from '#common/failure.ts';
import type { HostSystem } from '#common/hosts.ts';
import type { Transport } from '../ssh/transport.ts';
import { partOf } from './frames.ts';
import { readProcesses } from './gpu-answer.ts';
import { createGpuMeter } from './gpu-meter.ts';
import { type Kin, mostAsked, parseKin } from './kin.ts';
import { type ListeningPort, parseProcNetTcp, parseSs } from './ports.ts';
import { openShell, type ShellOptions } from './shell.ts';
import type { GpuTable } from './tools/gpu-reading.ts';
import { gpuTools } from './tools/registry.ts';

/**
 * The failure (`no-gpu-tool`, `no-gpu-devices`, `gpu-tool-failed`, `gpu-tool-hung`) says why there are no GPUs or, beside
 * the ones that answered, why the tool failed for others. The host itself is well.
 */
export interface GpuAnswer extends GpuTable {
  readonly cudaVersion: string | null;
  readonly system: HostSystem | null;
}

export interface GpuQuery {
  readonly signal?: AbortSignal | undefined;
  /** Also look at the processes; otherwise the known ones stay, unless memory shows that they have changed. */
  readonly processes: boolean;
}

export interface ProbeOptions extends ShellOptions {
  /** How long the first answer of the GPU tool may take: without persistence mode the driver starts up for it. */
  readonly firstGpusMs?: number;
}

export interface Probe {
  /** Measures all GPUs. Errors: those of {@link ProbeShell.request}. */
  gpus(query: GpuQuery): Promise<GpuAnswer>;
  /** Lists the listening TCP ports, ascending. Errors: those of {@link ProbeShell.request}. */
  ports(signal?: AbortSignal): Promise<readonly ListeningPort[]>;
  /** What these processes belong to, at most {@link mostAsked}. Errors: those of {@link ProbeShell.request}. */
  kin(pids: readonly number[], signal?: AbortSignal): Promise<Kin>;
  /** Calls the listener once, when the shell has ended: this Probe is of no more use then. Returns the removal. */
  onClose(listener: (reason: AppError) => void): () => void;
  close(): void;
}

/** Opens the host's shell and returns the Probe over it. Errors: those of {@link openShell}. */
export async function openProbe(transport: Transport, options: ProbeOptions): Promise<Probe> {
  const { timeoutMs, firstGpusMs = timeoutMs, tools = gpuTools } = options;
  const shell = await openShell(transport, { ...options, longestMs: Math.max(timeoutMs, firstGpusMs) });
  const gpus = createGpuMeter(shell, { timeoutMs, firstGpusMs, tools });
  return {
    gpus,
    async ports(signal) {
      const frame = await shell.request('ports', '', { signal });
      const ss = partOf(frame, 'ss');
      const tcp = partOf(frame, 'tcp');
      if (ss !== undefined) return parseSs(ss.text);
      if (tcp !== undefined) return parseProcNetTcp(tcp.text);
      throw new AppError('probe-timeout', {
        step: 'probe',
        detail: 'the list of listening ports does not come',
      });
    },
    async kin(pids, signal) {
      const asked = [...new Set(pids)].slice(0, mostAsked);
      if (asked.length === 0) return parseKin('');
      const frame = await shell.request('kin', asked.join(','), { signal });
      return parseKin(partOf(frame, 'kin')?.text ?? '', readProcesses(frame));
    },
    onClose: shell.onClose,
    close: shell.close,
  };
}
