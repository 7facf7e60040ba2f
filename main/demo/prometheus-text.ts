/** The text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/), as Python's client prints it. */

import type { Histogram } from './server-load.ts';

/** Pairs of name and value; empty: the server labels nothing. */
export type Labels = Readonly<Record<string, string>>;

export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly labels: Labels;
}

export function metric(kind: 'gauge' | 'counter', { name, help, labels }: Metric, value: number): string {
  return header(kind, name, help) + sample(name, labels, value);
}

export function header(kind: string, name: string, help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n`;
}

export function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, text]) => `${key}="${text}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${float(value)}\n`;
}

export function histogram({ name, help, labels }: Metric, data: Histogram): string {
  let below = 0;
  const buckets = data.counts.map((count, index) => {
    below += count;
    const bound = data.bounds[index];
    const le = bound === undefined ? '+Inf' : float(bound);
    return sample(`${name}_bucket`, { ...labels, le }, below);
  });
  return [
    header('histogram', name, help),
    ...buckets,
    sample(`${name}_count`, labels, below),
    sample(`${name}_sum`, labels, data.sum),
  ].join('');
}

// Python prints a float: always with a fraction, or with an exponent from 1e16 on.
const float = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));
