import { describe, expect, it } from 'vitest';
import type { LaunchStage } from '#common/launches.ts';
import { launchesByRunning, shareOf } from '#common/select/launches.ts';
import { launch } from '../../../support/snapshot.ts';

const download = (doneBytes: number | null, totalBytes: number | null): LaunchStage => ({
  kind: 'download',
  doneBytes,
  totalBytes,
  bytesPerSecond: null,
});

describe('the share of the way', () => {
  it('grows from stage to stage, and never beyond the next one', () => {
    const stages: readonly LaunchStage[] = [
      { kind: 'environment' },
      download(null, null),
      download(5, 10),
      download(10, 10),
      { kind: 'load', pct: 40 },
      { kind: 'load', pct: 100 },
      { kind: 'compile', pct: 50 },
      { kind: 'compile', pct: 100 },
      { kind: 'ready' },
    ];
    const shares = stages.map(shareOf);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect([shares[0], shares.at(-1)]).toEqual([0.05, 1]);
  });

  it('does not run over where a log counts more than there was to be', () => {
    expect(shareOf(download(30, 10))).toBe(shareOf(download(10, 10)));
    expect(shareOf(download(30, 0))).toBe(shareOf(download(null, null)));
  });
});

it('those that run come first, the latest start first', () => {
  const stopped = { kind: 'stopped', why: 'asked' } as const;
  const launches = [
    launch('a', 'old-stopped', { startedAt: 1, stage: stopped }),
    launch('a', 'unknown-start', { startedAt: null }),
    launch('a', 'new-stopped', { startedAt: 9, stage: stopped }),
    launch('a', 'first', { startedAt: 2 }),
    launch('a', 'second', { startedAt: 5 }),
  ];
  expect(launchesByRunning({ launches }).map(({ name }) => name)).toEqual([
    'second',
    'first',
    'unknown-start',
    'new-stopped',
    'old-stopped',
  ]);
});
