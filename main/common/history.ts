/** What was measured over time, as it crosses the wire. Pure. */

import type { Failure } from './failure.ts';
import type { Host } from './hosts.ts';
import type { ModelServer } from './servers.ts';

/** The measurements of one host or server, ascending in time. */
export interface Track {
  /** A {@link HostId} or a {@link ServerId}. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly times: readonly number[];
  /**
   * By name, as long as `times`; null where it was unknown or there was no answer. A host has `<gpu uuid> utilPct`, `... memUsedMiB`,
   * a server `<model> running`, `... waiting`, `... kvCachePct`, `... promptTokensPerSecond`, `... generationTokensPerSecond`,
   * `... ttftP50Ms`. In the thinned part they are means.
   */
  readonly columns: Readonly<Record<string, readonly (number | null)[]>>;
}

/** How far back a chart goes. */
export const historyRanges = ['half-hour', 'day', 'week'] as const;
export type HistoryRange = (typeof historyRanges)[number];

export const rangeMs: Readonly<Record<HistoryRange, number>> = {
  'half-hour': 30 * 60_000,
  day: 24 * 3_600_000,
  week: 7 * 24 * 3_600_000,
};

/** What a source of Prometheus knows of the past of a host or server; `source` is what it is called. */
export type SourcePast =
  | {
      readonly kind: 'read';
      readonly source: string;
      /** Means over steps of this length; without a row where nothing is known. */
      readonly track: Track;
      readonly stepMs: number;
      /** What the source says is missing from its answer; null: nothing. */
      readonly partial: string | null;
    }
  | { readonly kind: 'failed'; readonly source: string; readonly failure: Failure };

export const gpuMetrics = ['utilPct', 'memUsedMiB'] as const;
const loadMetrics = [
  'running',
  'waiting',
  'kvCachePct',
  'promptTokensPerSecond',
  'generationTokensPerSecond',
  'ttftP50Ms',
] as const;

export type GpuMetric = (typeof gpuMetrics)[number];
export type LoadMetric = (typeof loadMetrics)[number];

/** The name of a column; `subject` is a GPU's UUID or a model's name in the metrics, empty where it has none. */
export function columnName(subject: string | null, metric: GpuMetric | LoadMetric): string {
  return `${subject ?? ''} ${metric}`;
}

/** The latest `count` values of a column, for a sparkline; unknown where there were fewer. */
export function latestValues(
  track: Track | undefined,
  column: string,
  count: number,
): readonly (number | null)[] {
  const values = track?.columns[column]?.slice(-count) ?? [];
  return [...Array.from({ length: count - values.length }, () => null), ...values];
}

/** By UUID: every measurement needs the same names again, and to make those of thousands of GPUs takes longer than to keep their numbers. */
const gpuColumns = new Map<string, Readonly<Record<GpuMetric, string>>>();
const mostGpus = 50_000;

function columnsOf(uuid: string): Readonly<Record<GpuMetric, string>> {
  let columns = gpuColumns.get(uuid);
  if (columns === undefined) {
    if (gpuColumns.size >= mostGpus) gpuColumns.clear();
    columns = { utilPct: columnName(uuid, 'utilPct'), memUsedMiB: columnName(uuid, 'memUsedMiB') };
    gpuColumns.set(uuid, columns);
  }
  return columns;
}

/** What a host's latest measurement adds to its track, by column. */
export function hostValues({ gpus }: Pick<Host, 'gpus'>): Readonly<Record<string, number | null>> {
  return Object.fromEntries(
    gpus.flatMap(({ uuid, utilPct, memUsedMiB }) => {
      const columns = columnsOf(uuid);
      return [
        [columns.utilPct, utilPct],
        [columns.memUsedMiB, memUsedMiB],
      ];
    }),
  );
}

/** What a server's latest load adds to its track, by column. */
export function serverValues({ loads }: Pick<ModelServer, 'loads'>): Readonly<Record<string, number | null>> {
  return Object.fromEntries(
    loads.flatMap((load) => [
      [columnName(load.model, 'running'), load.running],
      [columnName(load.model, 'waiting'), load.waiting],
      [columnName(load.model, 'kvCachePct'), load.kvCachePct],
      [columnName(load.model, 'promptTokensPerSecond'), load.promptTokensPerSecond],
      [columnName(load.model, 'generationTokensPerSecond'), load.generationTokensPerSecond],
      [columnName(load.model, 'ttftP50Ms'), load.ttft?.p50Ms ?? null],
    ]),
  );
}

export interface Thinning {
  /** Length of a step; steps begin at multiples of it. */
  readonly stepMs: number;
  /** Only measurements before this are thinned; default: all. */
  readonly beforeMs?: number;
}

/**
 * The track with one row per step instead of all: the means of what is known. A row in which nothing is known stays apart, so
 * that a short silence is not averaged away. A step keeps its first time.
 */
export function thinned(track: Track, { stepMs, beforeMs = Number.POSITIVE_INFINITY }: Thinning): Track {
  const columns = Object.entries(track.columns);
  const isGap = (at: number) => columns.every(([, values]) => (values[at] ?? null) === null);
  const startsStep = (time: number, at: number): boolean => {
    const before = track.times[at - 1];
    if (before === undefined || time >= beforeMs) return true;
    return Math.floor(time / stepMs) !== Math.floor(before / stepMs) || isGap(at) !== isGap(at - 1);
  };
  const starts = track.times.flatMap((time, at) => (startsStep(time, at) ? at : []));
  const means = columns.map(([name, values]) => [
    name,
    starts.map((start, step) => meanOf(values, start, starts[step + 1] ?? values.length)),
  ]);
  return {
    id: track.id,
    times: starts.map((at) => track.times[at] ?? 0),
    columns: Object.fromEntries(means),
  };
}

function meanOf(values: readonly (number | null)[], from: number, to: number): number | null {
  let sum = 0;
  let count = 0;
  for (let at = from; at < to; at += 1) {
    const value = values[at] ?? null;
    if (value === null) continue;
    sum += value;
    count += 1;
  }
  return count === 0 ? null : sum / count;
}
