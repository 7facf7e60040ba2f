/** Asks one server for its metrics, wherever its engine puts them. */

import type { HttpClient } from './http.ts';
import type { MetricTable } from './metric-table.ts';
import { isMetricLine, readMetrics, type ServerMetrics, sayWhatRuns, withNumbers } from './metrics.ts';

export interface MetricsReader {
  /** Null where there are none; `asleep` where reading them would wake the model. Errors: those of {@link HttpClient.get}. */
  read(signal: AbortSignal): Promise<ServerMetrics | 'asleep' | null>;
}

export function createMetricsReader(client: HttpClient, table: MetricTable): MetricsReader {
  /** Paths that this server does not have: they are asked for once. */
  const missing = new Set<string>();

  const isAsleep = async (signal: AbortSignal): Promise<boolean> => {
    const { sleepCheck } = table;
    if (sleepCheck === undefined || missing.has(sleepCheck.path)) return false;
    const { status, body } = await client.get(sleepCheck.path, signal);
    if (status !== 200) return false;
    const asleep = sleepCheck.isAsleep(body);
    if (asleep === null) missing.add(sleepCheck.path);
    return asleep ?? false;
  };

  const readText = async (signal: AbortSignal): Promise<ServerMetrics | null> => {
    for (const path of table.paths) {
      if (missing.has(path)) continue;
      const long = { kind: 'lines', keepsLine: isMetricLine } as const;
      const { status, body, contentType } = await client.get(path, signal, long);
      if (status === 404) missing.add(path);
      const metrics = status === 200 ? readMetrics(body, contentType) : null;
      if (metrics !== null) return metrics;
    }
    return null;
  };

  return {
    async read(signal) {
      if (await isAsleep(signal)) return 'asleep';
      const metrics = await readText(signal);
      const { statistics } = table;
      if (statistics === undefined || (metrics !== null && sayWhatRuns(metrics))) return metrics;
      const { status, body } = await client.get(statistics.path, signal, { kind: 'whole' });
      const numbers = status === 200 ? statistics.read(body) : null;
      return numbers === null ? metrics : withNumbers(metrics, numbers, table);
    },
  };
}
