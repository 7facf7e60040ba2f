/** What the graphs of the live screens show: the latest measurements, oldest first; what is unknown is null. */

import { columnName, type LoadMetric, latestValues, type Track } from '#common/history.ts';
import type { Host } from '#common/hosts.ts';
import { queueRows } from '#common/select/servers.ts';
import type { Snapshot } from '#common/snapshot.ts';
import type { Engine } from '#engine/engine.ts';

type Values = readonly (number | null)[];

export interface GpuGraphs {
  /** By host, over all its GPUs: the mean, and the part of the memory that is used. In percent. */
  readonly utilPct: ReadonlyMap<string, Values>;
  readonly memUsedPct: ReadonlyMap<string, Values>;
}

export interface QueueGraphs {
  /** By the row's key. */
  readonly running: ReadonlyMap<string, Values>;
  readonly waiting: ReadonlyMap<string, Values>;
  /** Output tokens per second. */
  readonly rates: ReadonlyMap<string, Values>;
}

type Measured = Pick<Engine, 'history'>;

/** The latest `count` measurements of every host. */
export function gpuGraphs({ history }: Measured, { hosts }: Snapshot, count: number): GpuGraphs {
  const tracks = new Map(history.read(hosts.map(({ id }) => id)).map((track) => [track.id, track]));
  const each = (values: (host: Host, track: Track | undefined) => Values) =>
    new Map(hosts.map((host) => [host.id, values(host, tracks.get(host.id))]));
  return {
    utilPct: each(({ gpus }, track) =>
      combined(
        gpus.map(({ uuid }) => latestValues(track, columnName(uuid, 'utilPct'), count)),
        gpus.map(() => 1),
      ),
    ),
    memUsedPct: each(({ gpus }, track) =>
      combined(
        gpus.map(({ uuid }) => latestValues(track, columnName(uuid, 'memUsedMiB'), count)),
        gpus.map(({ memTotalMiB }) => (memTotalMiB ?? 0) / 100),
      ),
    ),
  };
}

/** At each time the sum of what is known, divided by the sum of the wholes beside it. */
function combined(columns: readonly Values[], wholes: readonly number[]): Values {
  return (columns[0] ?? []).map((_, at) => {
    const known = columns.flatMap((values, column) => {
      const value = values[at] ?? null;
      return value === null ? [] : [{ value, whole: wholes[column] ?? 0 }];
    });
    const whole = known.reduce((sum, one) => sum + one.whole, 0);
    return whole === 0 ? null : known.reduce((sum, one) => sum + one.value, 0) / whole;
  });
}

/** The latest `count` measurements of every model. */
export function queueGraphs({ history }: Measured, snapshot: Snapshot, count: number): QueueGraphs {
  const rows = queueRows(snapshot);
  const tracks = new Map(history.read(rows.map(({ trackId }) => trackId)).map((track) => [track.id, track]));
  const each = (metric: LoadMetric) =>
    new Map(
      rows.map(({ key, trackId, load }) => [
        key,
        latestValues(tracks.get(trackId), columnName(load.model, metric), count),
      ]),
    );
  return { running: each('running'), waiting: each('waiting'), rates: each('generationTokensPerSecond') };
}
