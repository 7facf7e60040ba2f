import type { Track } from '#common/history.ts';
import { createRing, type Table, type Values } from './ring.ts';

/** How much is kept: every sample for a while, then one mean per bucket. */
export interface Retention {
  /** Samples kept as they were measured. */
  readonly fullSamples: number;
  readonly bucketMs: number;
  readonly buckets: number;
}

/** Half an hour at a sample every five seconds, then a day of five minutes each. */
export const defaultRetention: Retention = { fullSamples: 360, bucketMs: 300_000, buckets: 288 };

/**
 * The measurements of one host or server in ring buffers that grow with use: 4 bytes per value and 8 per time, so a host
 * with 8 GPUs and 2 columns each takes 26 KiB for the samples and 21 KiB for the means.
 */
export interface TrackStore {
  /** As to a ring. A column that is missing is unknown; an empty record is a gap. */
  push(atMs: number, values: Values): void;
  /** What was measured since, the thinned part first. */
  read(id: string, sinceMs?: number): Track;
  /** When the latest sample was taken; null before the first. */
  latestMs(): number | null;
  /** The thinned part alone, for a file, and back. */
  save(): SavedTrack;
  restore(saved: SavedTrack): void;
}

export interface SavedTrack {
  readonly times: readonly number[];
  readonly columns: Readonly<Record<string, readonly (number | null)[]>>;
}

export function createTrackStore({
  fullSamples,
  bucketMs,
  buckets,
}: Retention = defaultRetention): TrackStore {
  const full = createRing(fullSamples);
  const thin = createRing(buckets);
  let bucket: { readonly startMs: number; readonly means: Map<string, Mean> } | null = null;

  const finishBucket = (): void => {
    if (bucket === null) return;
    const means = [...bucket.means].map(([name, { sum, count }]) => [name, count === 0 ? null : sum / count]);
    thin.push(bucket.startMs, Object.fromEntries(means));
    bucket = null;
  };

  return {
    push(atMs, values) {
      if (bucket !== null && atMs >= bucket.startMs + bucketMs) finishBucket();
      // The clock was set back.
      if (bucket !== null && atMs < bucket.startMs) bucket = null;
      bucket ??= { startMs: atMs - (atMs % bucketMs), means: new Map() };
      for (const [name, value] of Object.entries(values)) {
        if (value !== null) addTo(bucket.means, name, value);
      }
      full.push(atMs, values);
    },
    read(id, sinceMs = 0) {
      const samples = full.read(sinceMs);
      const [first = Number.POSITIVE_INFINITY] = samples.times;
      // A bucket that the samples reach into is read from the samples.
      const means = thin.read(sinceMs, first - bucketMs);
      return { id, ...join(means, samples) };
    },
    latestMs: () => full.latestMs(),
    save() {
      return thin.read(0);
    },
    restore(saved) {
      if (full.latestMs() !== null) return;
      saved.times.forEach((atMs, at) => {
        const values = Object.entries(saved.columns).map(
          ([name, column]) => [name, column[at] ?? null] as const,
        );
        thin.push(atMs, Object.fromEntries(values));
      });
    },
  };
}

interface Mean {
  sum: number;
  count: number;
}

function addTo(means: Map<string, Mean>, name: string, value: number): void {
  const mean = means.get(name);
  if (mean === undefined) means.set(name, { sum: value, count: 1 });
  else {
    mean.sum += value;
    mean.count += 1;
  }
}

function join(before: Table, after: Table): Table {
  if (before.times.length === 0) return after;
  const names = new Set([...Object.keys(before.columns), ...Object.keys(after.columns)]);
  const unknown = (length: number) => Array.from({ length }, () => null);
  const columns = [...names].map((name) => [
    name,
    [
      ...(before.columns[name] ?? unknown(before.times.length)),
      ...(after.columns[name] ?? unknown(after.times.length)),
    ],
  ]);
  return { times: [...before.times, ...after.times], columns: Object.fromEntries(columns) };
}
