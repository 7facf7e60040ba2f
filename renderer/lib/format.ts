/** Numbers and words that only the window needs; the shared ones are in #common/format.ts. */

import { errors } from '#common/errors.ts';
import type { ConnectStep, FinishedScan, Host } from '#common/model.ts';

/** Whole percent, rounded down so that 100 % means finished. */
export function donePct({ done, total }: Pick<FinishedScan, 'done' | 'total'>): number {
  return total === 0 ? 100 : Math.floor((100 * Math.min(done, total)) / total);
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** `14:32`, or `22 Nov` when it was not today. */
export function formatClock(atMs: number, nowMs = Date.now()): string {
  const sameDay = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  return (sameDay ? clock : day).format(atMs);
}

/** `131,072`; an unknown number is a dash. */
export function formatWhole(n: number | null): string {
  return n === null ? '–' : n.toLocaleString('en-US');
}

/** `61 °C`; an unknown temperature is a dash. */
export function formatTemperature(celsius: number | null): string {
  return celsius === null ? '–' : `${Math.round(celsius)} °C`;
}

/** The part of a model id after its organisation: `Llama-3.1-8B` for `meta-llama/Llama-3.1-8B`. */
export function shortModelName(id: string): string {
  return id.split('/').findLast((part) => part !== '') ?? id;
}

/** `8 × H100 80GB HBM3`; several kinds are joined by a comma. */
export function gpuKinds(host: Host): string {
  const counts = new Map<string, number>();
  for (const gpu of host.gpus) {
    const name = gpu.name.replace(/^NVIDIA\s+/, '');
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, n]) => `${n} × ${name}`).join(', ');
}

const steps: Readonly<Record<ConnectStep, string>> = {
  resolve: 'Reading its configuration',
  connect: 'Connecting',
  handshake: 'Checking its host key',
  authenticate: 'Logging in',
  shell: 'Starting the probe',
};

/** One quiet line under the host's name: what it has, or how far the scan is with it. */
export function hostLine(host: Host): string {
  const { state } = host;
  switch (state.kind) {
    case 'unresolved':
      return gpuKinds(host) || 'Not scanned yet';
    case 'queued':
      return gpuKinds(host) || 'Waiting for its turn';
    case 'connecting':
      return steps[state.step];
    case 'up':
      return gpuKinds(host) || 'No GPU';
    case 'no-gpu':
      return 'No GPU';
    case 'gpu-error':
      return errors[state.failure.code].title;
    case 'stale':
      return 'Stopped answering';
    default:
      return errors[state.failure.code].title;
  }
}
