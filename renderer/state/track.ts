/** What a chart makes of a Track: rows added, even steps for a sparkline, aligned lists for a plot. Pure. */

import { type Track, thinned } from '#common/history.ts';

/** How much of a track is kept, and how closely. */
export interface Detail {
  /** Rows older than this, counted from the latest one, are dropped. */
  readonly spanMs: number;
  /** Rows younger than this stay as they were measured. */
  readonly wholeMs: number;
  /** The older ones become means of steps of this length. */
  readonly stepMs: number;
  /** Dropped and thinned when so many rows are there: not at every measurement. */
  readonly mostRows: number;
}

const minuteMs = 60_000;
const bucketMs = 5 * minuteMs;

export type Span = 'recent' | 'day';

/** `recent` is what a sparkline in a row shows, `day` what the engine keeps. */
export const details: Readonly<Record<Span, Detail>> = {
  recent: { spanMs: 30 * minuteMs, wholeMs: minuteMs, stepMs: minuteMs / 2, mostRows: 240 },
  day: { spanMs: 24 * 60 * minuteMs, wholeMs: 30 * minuteMs, stepMs: bucketMs, mostRows: 2400 },
};

/** Measurements further apart than this have a silence between them; the engine's thinned part has one every five minutes. */
export const silenceMs = 1.5 * bucketMs;

export interface Row {
  readonly atMs: number;
  /** By column; none at all says that nothing is known. */
  readonly values: Readonly<Record<string, number | null>>;
}

/** The track with one more row; one that is not later than the last is left out. */
export function withRow(track: Track, { atMs, values }: Row, detail: Detail): Track {
  if (atMs <= (track.times.at(-1) ?? 0)) return track;
  const names = new Set([...Object.keys(track.columns), ...Object.keys(values)]);
  const columns = [...names].map((name) => {
    const before = track.columns[name] ?? track.times.map(() => null);
    return [name, [...before, values[name] ?? null]] as const;
  });
  const longer = { id: track.id, times: [...track.times, atMs], columns: Object.fromEntries(columns) };
  if (longer.times.length <= detail.mostRows) return longer;
  const { spanMs, wholeMs, stepMs } = detail;
  return thinned(since(longer, atMs - spanMs), { stepMs, beforeMs: atMs - wholeMs });
}

function since(track: Track, fromMs: number): Track {
  const first = track.times.findIndex((time) => time >= fromMs);
  const columns = Object.entries(track.columns).map(([name, values]) => [name, values.slice(first)]);
  return { id: track.id, times: track.times.slice(first), columns: Object.fromEntries(columns) };
}

export interface Steps {
  /** How far back the first step begins, counted from the end of the step of the latest measurement. */
  readonly spanMs: number;
  readonly count: number;
}

/**
 * The mean of these columns in steps of equal length, ascending in time. Null: nothing is known there. Steps without a
 * measurement of their own, where it only comes more seldom, lie on the line between their neighbours. Steps begin at
 * multiples of their length, so that a graph moves on by whole steps and not with every measurement.
 */
export function evenSteps(
  track: Track | undefined,
  columns: readonly string[],
  { spanMs, count }: Steps,
): readonly (number | null)[] {
  const values: (number | null)[] = Array.from({ length: count }, () => null);
  const latest = track?.times.at(-1);
  if (track === undefined || latest === undefined) return values;
  const stepMs = spanMs / count;
  const first = Math.floor(latest / stepMs) - count + 1;
  const lists = columns.map((name) => track.columns[name]).filter((list) => list !== undefined);
  let before: { readonly step: number; readonly atMs: number; readonly value: number } | null = null;
  for (let row = 0; row < track.times.length; ) {
    const atMs = track.times[row] ?? 0;
    const step = Math.floor(atMs / stepMs) - first;
    const from = row;
    while (row < track.times.length && Math.floor((track.times[row] ?? 0) / stepMs) - first === step)
      row += 1;
    const value = meanOfRows(lists, from, row);
    if (value === null) {
      before = null;
      continue;
    }
    if (before !== null && atMs - before.atMs <= silenceMs) join(values, before, { step, value });
    if (step >= 0) values[step] = value;
    before = endsInSilence(lists, row - 1) ? null : { step, atMs, value };
  }
  return values;
}

function meanOfRows(lists: readonly (readonly (number | null)[])[], from: number, to: number): number | null {
  let sum = 0;
  let count = 0;
  for (const list of lists) {
    for (let row = from; row < to; row += 1) {
      const value = list[row] ?? null;
      if (value === null) continue;
      sum += value;
      count += 1;
    }
  }
  return count === 0 ? null : sum / count;
}

function endsInSilence(lists: readonly (readonly (number | null)[])[], row: number): boolean {
  return lists.every((list) => (list[row] ?? null) === null);
}

interface Point {
  readonly step: number;
  readonly value: number;
}

function join(values: (number | null)[], from: Point, to: Point): void {
  for (let step = Math.max(0, from.step + 1); step < to.step; step += 1) {
    values[step] = from.value + ((to.value - from.value) * (step - from.step)) / (to.step - from.step);
  }
}

/** Lists of equal length as a plot takes them: seconds since the epoch, then one list of values per column. */
export interface PlotData {
  readonly times: readonly number[];
  readonly columns: readonly (readonly (number | null)[])[];
}

/** Of a track that is not there yet. */
export const nothing: PlotData = { times: [], columns: [] };

export interface PlotPart {
  readonly fromMs: number;
  /** Rows further apart than this have a silence between them. */
  readonly leastSilenceMs: number;
}

/** These columns since then, with a row of nulls wherever nothing was measured for long. */
export function plotData(
  track: Track,
  columns: readonly string[],
  { fromMs, leastSilenceMs }: PlotPart,
): PlotData {
  const first = track.times.findIndex((time) => time >= fromMs);
  if (first === -1) return { times: [], columns: columns.map(() => []) };
  const rows: { readonly atMs: number; readonly row: number | null }[] = [];
  for (let row = first; row < track.times.length; row += 1) {
    const atMs = track.times[row] ?? 0;
    const before = rows.at(-1)?.atMs ?? atMs;
    if (atMs - before > leastSilenceMs) rows.push({ atMs: (atMs + before) / 2, row: null });
    rows.push({ atMs, row });
  }
  return {
    times: rows.map(({ atMs }) => atMs / 1000),
    columns: columns.map((name) => {
      const values = track.columns[name];
      return rows.map(({ row }) => (row === null ? null : (values?.[row] ?? null)));
    }),
  };
}
