/** A past for Prometheus, as a text that `promtool tsdb create-blocks-from openmetrics` reads. Pure. */

/** One series of the past: its name with labels, and its value at a time in milliseconds; null where it has none. */
export interface PastSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly at: (ms: number) => number | null;
}

export interface PastTimes {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** These series with a sample every step; those of one name have to stand together. */
export function openMetrics(series: readonly PastSeries[], { fromMs, toMs, stepMs }: PastTimes): string {
  const count = Math.floor((toMs - fromMs) / stepMs) + 1;
  const times = Array.from({ length: count }, (_none, step) => fromMs + step * stepMs);
  const lines = series.flatMap(({ name, labels, at }) => {
    const shown = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return times.flatMap((ms) => {
      const value = at(ms);
      return value === null ? [] : [`${name}{${shown.join(',')}} ${value} ${ms / 1000}`];
    });
  });
  return `${lines.join('\n')}\n# EOF\n`;
}
