import { expect, test } from 'vitest';
import type { Host, Snapshot } from '#common/model.ts';
import { arrange } from '../../renderer/lib/arrange.ts';
import { busyGpu, failedHost, failure, host, snapshot } from './samples.ts';

const of = (...hosts: readonly Host[]): Snapshot => snapshot({ hosts });
const loaded = (id: string, utilPct: number) => host(id, 0, 0, { gpus: [busyGpu(0, { utilPct })] });
const trying = (id: string) => host(id, 0, 0, { state: { kind: 'connecting', step: 'connect' } });
const finished = (shot: Snapshot, finishedAt: number): Snapshot => ({
  ...shot,
  scan: { kind: 'done', done: 1, total: 1, startedAt: 0, finishedAt },
});

test('at first: most idle, then least loaded; those that did not answer apart, in the order of the configuration', () => {
  const shot = of(
    loaded('hot', 90),
    failedHost('off2'),
    loaded('warm', 30),
    host('free', 2, 0),
    failedHost('off1'),
  );
  expect(arrange(null, shot, false)).toMatchObject({
    listed: ['free', 'warm', 'hot'],
    failed: ['off2', 'off1'],
  });
});

test('a change of load moves nothing until a scan ends', () => {
  const before = arrange(null, of(loaded('a', 30), loaded('b', 60)), false);
  const changed = of(loaded('a', 95), loaded('b', 10));
  expect(arrange(before, changed, false)).toBe(before);
  expect(arrange(before, finished(changed, 99_000), false).listed).toEqual(['b', 'a']);
});

test('a change in idle GPUs moves a host, unless the reader is at work in the list', () => {
  const before = arrange(null, of(host('a', 2, 0), host('b', 1, 1), host('c', 1, 1)), false);
  const changed = of(host('a', 2, 0), host('b', 1, 1), host('c', 4, 0));
  expect(arrange(before, changed, false).listed).toEqual(['c', 'a', 'b']);
  expect(arrange(before, changed, true)).toBe(before);
});

test('held, new hosts come at the end, gone ones leave, and a host that fails keeps its place', () => {
  const before = arrange(null, of(host('a', 2, 0), host('b', 1, 1), failedHost('x')), false);
  const changed = of(failedHost('b'), host('x', 8, 0), host('new', 8, 0), failedHost('y'));
  expect(arrange(before, changed, true)).toMatchObject({ listed: ['b', 'new'], failed: ['x', 'y'] });
  expect(arrange(before, changed, false)).toMatchObject({ listed: ['x', 'new'], failed: ['b', 'y'] });
});

test('a failed host that is tried again stays in its group until it answers', () => {
  const before = arrange(null, of(host('a', 1, 0), failedHost('x')), false);
  const during = arrange(before, of(host('a', 1, 0), trying('x')), false);
  expect(during.failed).toEqual(['x']);
  expect(arrange(during, of(host('a', 1, 0), host('x', 2, 0)), false)).toMatchObject({
    listed: ['x', 'a'],
    failed: [],
  });
});

test('a host never seen to fail waits in the table, and a stale one stays there', () => {
  const stale = { kind: 'stale', failure: failure('connection-lost') } as const;
  const shot = of(trying('new'), host('old', 2, 0, { state: stale }), host('up', 0, 1));
  const first = arrange(null, shot, false);
  expect(first).toMatchObject({ listed: ['up', 'new', 'old'], failed: [] });
  const landed = of(host('new', 0, 0), host('old', 2, 0, { state: stale }), host('up', 0, 1));
  expect(arrange(first, landed, false)).toBe(first);
});
