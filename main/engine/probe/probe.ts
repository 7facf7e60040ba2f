/** What is asked of a host over its shell: GPUs with their processes, and what listens there. */

import { AppError } from '#common/errors.ts';
import type { Transport } from '../ssh/transport.ts';
import type { Frame } from './frames.ts';
import { type GpuReading, gpuColumns, invalidColumn, parseGpus } from './nvidia.ts';
import { type ListeningPort, parseProcNetTcp, parseSs } from './ports.ts';
import { joinProcesses, parseGpuApps, parsePs } from './processes.ts';
import { openShell, type ShellOptions } from './shell.ts';

export interface GpuAnswer {
  readonly gpus: readonly GpuReading[];
  readonly driverVersion: string | null;
  /**
   * Why there are no GPUs (`no-nvidia-smi`, `no-gpu-devices`, `nvidia-smi-failed`, `nvidia-smi-hung`), or, beside the
   * ones that answered, why nvidia-smi failed for others. The host itself is well.
   */
  readonly failure: AppError | null;
}

export interface Probe {
  /** Measures all GPUs and their processes in one round trip. Errors: those of {@link ProbeShell.request}. */
  gpus(signal?: AbortSignal): Promise<GpuAnswer>;
  /** Lists the listening TCP ports, ascending. Errors: those of {@link ProbeShell.request}. */
  ports(signal?: AbortSignal): Promise<readonly ListeningPort[]>;
  /** Calls the listener once, when the shell has ended: this Probe is of no more use then. Returns the removal. */
  onClose(listener: (reason: AppError) => void): () => void;
  close(): void;
}

/** Opens the host's shell and returns the Probe over it. Errors: those of {@link openShell}. */
export async function openProbe(transport: Transport, options: ShellOptions): Promise<Probe> {
  const shell = await openShell(transport, options);
  // Columns that this host's driver does not know are asked for once only.
  let columns = gpuColumns;

  const gpus = async (signal?: AbortSignal): Promise<GpuAnswer> => {
    const frame = await shell.request('gpus', columns.join(','), { signal });
    const unknown = invalidColumn(part(frame, 'gpus')?.text ?? '');
    if (unknown === null || !columns.includes(unknown)) return readGpus(frame, columns, options.timeoutMs);
    columns = columns.filter((column) => column !== unknown);
    return await gpus(signal);
  };

  return {
    gpus,
    async ports(signal) {
      const frame = await shell.request('ports', '', { signal });
      const ss = part(frame, 'ss');
      const tcp = part(frame, 'tcp');
      if (ss !== undefined) return parseSs(ss.text);
      if (tcp !== undefined) return parseProcNetTcp(tcp.text);
      throw new AppError('probe-timeout', {
        step: 'probe',
        detail: 'the list of listening ports does not come',
      });
    },
    onClose: shell.onClose,
    close: shell.close,
  };
}

function readGpus(frame: Frame, columns: readonly string[], timeoutMs: number): GpuAnswer {
  const answer = part(frame, 'gpus');
  if (answer === undefined) return { gpus: [], driverVersion: null, failure: hung(frame, timeoutMs) };
  const table = parseGpus(answer.text, answer.code, columns);
  const apps = parseGpuApps(part(frame, 'apps')?.text ?? '');
  const processes = parsePs(part(frame, 'ps')?.text ?? '');
  return { ...table, gpus: joinProcesses(table.gpus, apps, processes) };
}

function hung(frame: Frame, timeoutMs: number): AppError {
  const pid = /^\d+/.exec(part(frame, 'hung')?.text ?? '')?.[0];
  const detail = pid === undefined ? `killed after ${timeoutMs} ms` : `process ${pid} cannot be killed`;
  return new AppError('nvidia-smi-hung', { step: 'probe', detail, command: 'nvidia-smi' });
}

function part(frame: Frame, name: string) {
  return frame.parts.find((one) => one.name === name);
}
