/** What was measured here, joined with what the sources of Prometheus know of the time in which nothing was. Pure. */

import type { SourcePast, Track } from '#common/history.ts';
import { silenceMs } from './track.ts';

/** Rows of a track that is joined with these further apart than this have a silence between them. */
export function silenceOf(pasts: readonly SourcePast[]): number {
  const steps = pasts.flatMap((past) => (past.kind === 'read' ? [past.stepMs] : []));
  return Math.max(silenceMs, ...steps.map((stepMs) => 1.5 * stepMs));
}

/** The track with rows of the sources wherever it is silent: before its own, between and after them. The first source wins. */
export function withPasts(own: Track, pasts: readonly SourcePast[]): Track {
  const leastSilenceMs = silenceOf(pasts);
  return pasts.reduce(
    (track, past) => (past.kind === 'read' ? withPast(track, past.track, leastSilenceMs) : track),
    own,
  );
}

interface Row {
  readonly of: Track;
  readonly at: number;
  readonly atMs: number;
  readonly isKnown: boolean;
}

function withPast(own: Track, past: Track, leastSilenceMs: number): Track {
  const mine = rowsOf(own);
  const covers = coverOf(mine, leastSilenceMs);
  const others = rowsOf(past).filter(({ atMs, isKnown }) => isKnown && !covers(atMs));
  if (others.length === 0) return own;
  const rows = [...mine, ...others].sort((a, b) => a.atMs - b.atMs);
  return trackOf(own.id, withoutFilled(rows, own), [own, past]);
}

function rowsOf(track: Track): readonly Row[] {
  const columns = Object.values(track.columns);
  return track.times.map((atMs, at) => {
    const isKnown = columns.some((values) => (values[at] ?? null) !== null);
    return { of: track, at, atMs, isKnown };
  });
}

/** Whether these rows say what was at a time, which is asked in ascending order; the latest one goes on for a silence. */
function coverOf(rows: readonly Row[], leastSilenceMs: number): (atMs: number) => boolean {
  let next = 0;
  return (atMs) => {
    while ((rows[next]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs) next += 1;
    const [before, after] = [rows[next - 1], rows[next]];
    if (before === undefined || !before.isKnown) return false;
    if (atMs === before.atMs) return true;
    if (after === undefined) return atMs - before.atMs <= leastSilenceMs;
    return after.isKnown && after.atMs - before.atMs <= leastSilenceMs;
  };
}

/** Rows without any value say that nothing was known, which is not so beside a row of the other track. */
function withoutFilled(rows: readonly Row[], own: Track): readonly Row[] {
  const before = latestKnown(rows);
  const after = latestKnown([...rows].reverse()).reverse();
  const isOther = (row: Row | undefined): boolean => row !== undefined && row.of !== own;
  return rows.filter(({ isKnown }, at) => isKnown || !(isOther(before[at]) || isOther(after[at])));
}

/** For each row the latest one up to it that has a value. */
function latestKnown(rows: readonly Row[]): (Row | undefined)[] {
  let known: Row | undefined;
  return rows.map((row) => {
    if (row.isKnown) known = row;
    return known;
  });
}

function trackOf(id: string, rows: readonly Row[], tracks: readonly Track[]): Track {
  const names = new Set(tracks.flatMap(({ columns }) => Object.keys(columns)));
  const columns = [...names].map((name) => [name, rows.map(({ of, at }) => of.columns[name]?.[at] ?? null)]);
  return { id, times: rows.map(({ atMs }) => atMs), columns: Object.fromEntries(columns) };
}

/** The first time at which anything is known; null: never. */
export function knownSince(track: Track): number | null {
  return rowsOf(track).find(({ isKnown }) => isKnown)?.atMs ?? null;
}
