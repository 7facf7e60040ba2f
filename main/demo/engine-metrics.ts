/** What the metrics of several engines have in common. */

import { histogram, type Labels, type Metric } from './prometheus-text.ts';
import type { LoadFigures } from './server-load.ts';

export type Namer = (name: string, help: string) => Metric;

/** Names metrics with a prefix, and gives them these labels. */
export const namer =
  (prefix: string, labels: Labels): Namer =>
  (name, help) => ({ name: `${prefix}${name}`, help, labels });

export function latencies(figures: LoadFigures, named: Namer): readonly string[] {
  return [
    histogram(
      named('time_to_first_token_seconds', 'Histogram of time to first token in seconds.'),
      figures.timeToFirstTokenSeconds,
    ),
    histogram(
      named('inter_token_latency_seconds', 'Histogram of inter-token latency in seconds.'),
      figures.interTokenSeconds,
    ),
    histogram(
      named('e2e_request_latency_seconds', 'Histogram of e2e request latency in seconds.'),
      figures.requestSeconds,
    ),
  ];
}
