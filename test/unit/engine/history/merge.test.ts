/** One file of what several copies of the app have measured. */

import { describe, expect, it } from 'vitest';
import { mergeHistories } from '#engine/history/merge.ts';
import { defaultRetention } from '#engine/history/track-store.ts';

const nowMs = 10_000_000_000;
const keptMs = defaultRetention.bucketMs * defaultRetention.buckets;
const saved = (tracks: object) => ({ version: 1, tracks }) as Parameters<typeof mergeHistories>[1];
const track = (times: readonly number[], values: readonly (number | null)[]) => ({
  times,
  columns: { a: values },
});
const at = (minutes: number) => nowMs - minutes * 60_000;

describe('two histories', () => {
  it('are one in the order of time, with the own mean where both have one', () => {
    const others = saved({ gpu: track([at(30), at(10)], [1, 2]) });
    const own = saved({ gpu: track([at(20), at(10)], [5, 6]) });
    expect(mergeHistories(others, own, nowMs).tracks.gpu).toEqual(track([at(30), at(20), at(10)], [1, 5, 6]));
  });

  it('have what only one of them has, and unknown where a column is missing', () => {
    const others = saved({ theirs: track([at(5)], [1]), both: { times: [at(5)], columns: { b: [2] } } });
    const own = saved({ mine: track([at(4)], [3]), both: track([at(4)], [4]) });
    const { tracks } = mergeHistories(others, own, nowMs);
    expect(Object.keys(tracks).sort()).toEqual(['both', 'mine', 'theirs']);
    expect(tracks.both).toEqual({ times: [at(5), at(4)], columns: { b: [2, null], a: [null, 4] } });
  });

  it('do not have what others kept for too long, nor a track of which nothing else is there', () => {
    const old = nowMs - keptMs - 1;
    const others = saved({ gone: track([old], [1]), gpu: track([old, nowMs - keptMs], [1, 2]) });
    const { tracks } = mergeHistories(others, saved({}), nowMs);
    expect(tracks).toEqual({ gpu: track([nowMs - keptMs], [2]) });
  });

  it('are the own one where there is no other', () => {
    const own = saved({ gpu: track([at(1)], [null]), empty: { times: [], columns: {} } });
    expect(mergeHistories(null, own, nowMs)).toEqual(own);
  });
});
