/** To keep one file of what several copies of the app have measured. Pure. */

import type { SavedHistory } from './history.ts';
import { defaultRetention, type SavedTrack } from './track-store.ts';

/** Both histories as one: where both have a mean of one time, that of `own`. What others have that is too old to be kept is left out. */
export function mergeHistories(others: SavedHistory | null, own: SavedHistory, nowMs: number): SavedHistory {
  const { bucketMs, buckets } = defaultRetention;
  const sinceMs = nowMs - bucketMs * buckets;
  const ids = new Set([...Object.keys(others?.tracks ?? {}), ...Object.keys(own.tracks)]);
  const tracks = [...ids].flatMap((id): [string, SavedTrack][] => {
    const merged = mergeTracks(others?.tracks[id], own.tracks[id], sinceMs);
    return merged === null ? [] : [[id, merged]];
  });
  return { version: 1, tracks: Object.fromEntries(tracks) };
}

interface Entry {
  readonly track: SavedTrack;
  readonly at: number;
}

/** Null where only one has it and all of that is too old. */
function mergeTracks(
  others: SavedTrack | undefined,
  own: SavedTrack | undefined,
  sinceMs: number,
): SavedTrack | null {
  const entries = new Map<number, Entry>();
  for (const track of [others, own])
    track?.times.forEach((time, at) => {
      if (track === own || time >= sinceMs) entries.set(time, { track, at });
    });
  if (own === undefined && entries.size === 0) return null;
  const times = [...entries.keys()].sort((a, b) => a - b);
  const names = new Set([...Object.keys(others?.columns ?? {}), ...Object.keys(own?.columns ?? {})]);
  const columns = [...names].map((name) => [
    name,
    times.map((time) => {
      const { track, at } = entries.get(time) ?? { track: undefined, at: 0 };
      return track?.columns[name]?.[at] ?? null;
    }),
  ]);
  return { times, columns: Object.fromEntries(columns) };
}
