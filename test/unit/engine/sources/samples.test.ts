import { describe, expect, it } from 'vitest';
import { continueSamples } from '#engine/sources/samples.ts';
import { busyGpu, gpu, idleRule } from '../../../support/snapshot.ts';

describe('samples of a GPU', () => {
  it('count on by uuid, whatever the order, and a busy one starts the streak anew', () => {
    const before = [
      gpu({ uuid: 'a', samples: 1, idleStreak: 1 }),
      gpu({ uuid: 'b', samples: 2, idleStreak: 2 }),
    ];
    const after = continueSamples(
      [busyGpu({ uuid: 'b' }), gpu({ uuid: 'a' }), gpu({ uuid: 'new' })],
      before,
      idleRule,
    );
    expect(after.map(({ uuid, samples, idleStreak }) => [uuid, samples, idleStreak])).toEqual([
      ['b', 2, 0],
      ['a', 2, 2],
      ['new', 1, 1],
    ]);
  });

  it('of a GPU in error or without numbers are never idle', () => {
    const readings = [gpu({ problem: 'GPU is lost' }), gpu({ utilPct: null, memUsedMiB: null })];
    expect(continueSamples(readings, [], idleRule).map((each) => each.idleStreak)).toEqual([0, 0]);
  });
});
