import { expect, test } from 'vitest';
import type { Host } from '#common/hosts.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { type ArrangeOptions, arrange } from '../../../renderer/gpus/arrange.ts';
import { hostRow, hostTable } from '../../../renderer/gpus/columns.tsx';
import { createRanking } from '../../../renderer/gpus/sort.ts';
import { type ColumnSort, pressed, readColumnSort } from '../../../renderer/list/column-sort.ts';
import { firstDirections, orderOf } from '../../../renderer/table/column.ts';
import { aFailure, aProcess } from '../../support/samples.ts';
import { busyGpu, failedHost, gpu, host, idleRule, snapshot } from '../samples.ts';

const defaultSort: ColumnSort = { key: 'free', direction: 'descending' };
const first = firstDirections(hostTable.columns);

const optionsOf = (sort: ColumnSort, modelCount: (id: string) => number = () => 0): ArrangeOptions => {
  const order = orderOf(hostTable, sort);
  if (order === undefined) throw new Error(`no column ${sort.key}`);
  const models = (id: string) =>
    [...Array(modelCount(id)).keys()].map((at) => ({ id: `m${at}`, serverId: `${id}:${at}` }));
  return {
    held: false,
    sort,
    live: order.isLive === true,
    turn: 0,
    rank: createRanking(order, (one) =>
      hostRow(one, { rule: idleRule, models: models(one.id), isFavourite: false }),
    ),
  };
};
const free = optionsOf(defaultSort);
const held: ArrangeOptions = { ...free, held: true };

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
  expect(arrange(null, shot, free)).toMatchObject({
    listed: ['free', 'warm', 'hot'],
    failed: ['off2', 'off1'],
  });
});

test('a change of load moves nothing until a scan ends', () => {
  const before = arrange(null, of(loaded('a', 30), loaded('b', 60)), free);
  const changed = of(loaded('a', 95), loaded('b', 10));
  expect(arrange(before, changed, free)).toBe(before);
  expect(arrange(before, finished(changed, 99_000), free).listed).toEqual(['b', 'a']);
});

test('while a scan runs nothing moves; when it has ended the table is sorted', () => {
  const before = arrange(null, of(trying('a'), trying('b'), trying('c')), free);
  const scanning: Snapshot = {
    ...of(failedHost('a'), host('b', 0, 2), host('c', 2, 0), host('d', 4, 0)),
    scan: { kind: 'running', done: 3, total: 4, startedAt: 0 },
  };
  const during = arrange(before, scanning, free);
  expect(during).toMatchObject({ listed: ['a', 'b', 'c', 'd'], failed: [] });
  expect(arrange(during, finished(scanning, 99_000), free)).toMatchObject({
    listed: ['d', 'c', 'b'],
    failed: ['a'],
  });
});

test('a change in idle GPUs moves a host, unless the reader is at work in the list', () => {
  const before = arrange(null, of(host('a', 2, 0), host('b', 1, 1), host('c', 1, 1)), free);
  const changed = of(host('a', 2, 0), host('b', 1, 1), host('c', 4, 0));
  expect(arrange(before, changed, free).listed).toEqual(['c', 'a', 'b']);
  expect(arrange(before, changed, held)).toBe(before);
});

test('held, new hosts come at the end, gone ones leave, and a host that fails keeps its place', () => {
  const before = arrange(null, of(host('a', 2, 0), host('b', 1, 1), failedHost('x')), free);
  const changed = of(failedHost('b'), host('x', 8, 0), host('new', 8, 0), failedHost('y'));
  expect(arrange(before, changed, held)).toMatchObject({ listed: ['b', 'new'], failed: ['x', 'y'] });
  expect(arrange(before, changed, free)).toMatchObject({ listed: ['x', 'new'], failed: ['b', 'y'] });
});

test('a failed host that is tried again stays in its group until it answers', () => {
  const before = arrange(null, of(host('a', 1, 0), failedHost('x')), free);
  const during = arrange(before, of(host('a', 1, 0), trying('x')), free);
  expect(during.failed).toEqual(['x']);
  expect(arrange(during, of(host('a', 1, 0), host('x', 2, 0)), free)).toMatchObject({
    listed: ['x', 'a'],
    failed: [],
  });
});

test('a host never seen to fail waits in the table, and a stale one stays there', () => {
  const stale = { kind: 'stale', failure: aFailure('connection-lost') } as const;
  const shot = of(trying('new'), host('old', 2, 0, { state: stale }), host('up', 0, 1));
  const first = arrange(null, shot, free);
  expect(first).toMatchObject({ listed: ['up', 'new', 'old'], failed: [] });
  const landed = of(host('new', 0, 0), host('old', 2, 0, { state: stale }), host('up', 0, 1));
  expect(arrange(first, landed, free)).toBe(first);
});

const sortBy = (key: string, before: ColumnSort): ColumnSort => pressed(key, before, first);
const readSort = (kept: unknown): ColumnSort => readColumnSort(kept, defaultSort, first);
const by = (key: string): ColumnSort => sortBy(key, defaultSort);
const listed = (shot: Snapshot, sort: ColumnSort, modelCount?: (id: string) => number) =>
  arrange(null, shot, optionsOf(sort, modelCount)).listed;

test('a press on a header sorts by what one looks for first, the next one the other way round', () => {
  const shot = of(loaded('gpu10', 30), loaded('gpu9', 90), loaded('gpu1', 60));
  expect(listed(shot, by('host'))).toEqual(['gpu1', 'gpu9', 'gpu10']);
  expect(listed(shot, sortBy('host', by('host')))).toEqual(['gpu10', 'gpu9', 'gpu1']);
  expect(listed(shot, by('utilisation'))).toEqual(['gpu10', 'gpu1', 'gpu9']);
  expect(listed(shot, sortBy('utilisation', by('utilisation')))).toEqual(['gpu9', 'gpu1', 'gpu10']);
});

test('memory, temperature, people and models sort too; what is unknown comes last either way', () => {
  const people = ['a', 'b'].map((user) => ({ ...aProcess, user }));
  const big = host('big', 0, 0, {
    gpus: [busyGpu(0, { memUsedMiB: 9000, temperatureC: 80, processes: people })],
  });
  const cool = host('cool', 0, 0, { gpus: [busyGpu(0, { memUsedMiB: 100, temperatureC: 20 })] });
  const silent = host('silent', 0, 0, {
    gpus: [gpu(0, { memUsedMiB: null, utilPct: null, temperatureC: null })],
  });
  const bare = host('bare', 0, 0);
  const shot = of(silent, bare, cool, big, failedHost('x'));
  const modelCount = (id: string) => (id === 'cool' ? 3 : 0);
  expect(listed(shot, by('memory'))).toEqual(['cool', 'big', 'silent', 'bare']);
  expect(listed(shot, sortBy('memory', by('memory')))).toEqual(['big', 'cool', 'silent', 'bare']);
  expect(listed(shot, by('temperature'))).toEqual(['big', 'cool', 'silent', 'bare']);
  expect(listed(shot, by('users'))).toEqual(['big', 'cool', 'silent', 'bare']);
  expect(listed(shot, by('models'), modelCount)).toEqual(['cool', 'big', 'silent', 'bare']);
});

test('a table that stands by load is sorted anew in its turn only', () => {
  const options = optionsOf(by('utilisation'));
  const before = arrange(null, of(loaded('a', 10), loaded('b', 20)), options);
  const changed = of(loaded('a', 90), loaded('b', 20));
  expect(arrange(before, changed, options)).toBe(before);
  expect(arrange(before, changed, { ...options, turn: 1, held: true })).toBe(before);
  expect(arrange(before, changed, { ...options, turn: 1 }).listed).toEqual(['b', 'a']);
});

test('another sort is done at once, also while the reader is at work in the list', () => {
  const shot = of(host('a', 2, 0), host('b', 4, 0));
  const before = arrange(null, shot, held);
  expect(before.listed).toEqual(['b', 'a']);
  expect(arrange(before, shot, { ...optionsOf(by('host')), held: true }).listed).toEqual(['a', 'b']);
});

test('a kept sort is read back; anything else is the default', () => {
  for (const key of Object.keys(first))
    expect(readSort(JSON.parse(JSON.stringify(by(key))))).toEqual(by(key));
  for (const bad of [
    undefined,
    null,
    3,
    'free',
    {},
    { key: 'free' },
    { key: 'x', direction: 'ascending' },
    { key: 'toString', direction: 'ascending' },
  ])
    expect(readSort(bad)).toEqual(defaultSort);
});
