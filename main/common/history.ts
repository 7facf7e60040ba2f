/** What was measured over time, as it crosses the wire. */

/** The measurements of one host or server, ascending in time. */
export interface Track {
  /** A {@link HostId} or a {@link ServerId}. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly times: readonly number[];
  /**
   * By name, as long as `times`; null where it was unknown or nobody answered. A host has `<gpu uuid> utilPct`, `... memUsedMiB`,
   * a server `<model> running`, `... waiting`, `... kvCachePct`, `... promptTokensPerSecond`, `... generationTokensPerSecond`,
   * `... ttftP50Ms`. In the thinned part they are means.
   */
  readonly columns: Readonly<Record<string, readonly (number | null)[]>>;
}

export const gpuMetrics = ['utilPct', 'memUsedMiB'] as const;
export const loadMetrics = [
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
