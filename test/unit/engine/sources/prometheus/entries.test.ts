import { describe, expect, it } from 'vitest';
import {
  afterFound,
  type Entry,
  forgetMissing,
  forgetRenamed,
  readingOf,
  rowOf,
} from '#engine/sources/prometheus/entries.ts';
import type { FoundHost } from '#engine/sources/prometheus/poll.ts';
import { aLoad } from '../../../../support/samples.ts';
import { gpu, idleRule } from '../../../../support/snapshot.ts';

const found = (fields: Partial<FoundHost> = {}): FoundHost => ({
  name: 'gpu-01',
  gpus: [gpu()],
  driverVersion: '570',
  system: null,
  instance: 'gpu-01:9400',
  labels: {},
  models: [],
  sampledS: 100,
  ageMs: 5000,
  isDown: false,
  ...fields,
});
const at = (nowMs: number) => ({ nowMs, rule: idleRule, staleAfterMs: 60_000 });
const origin = {
  kind: 'prometheus',
  sourceId: 's',
  name: 'S',
  host: 'gpu-01',
  instance: 'gpu-01:9400',
  staleAfterMs: 60_000,
} as const;
const row = (entry: Entry) => rowOf(entry, { origin, without: 'unlisted', group: null });

/** The entry after polls at those times without its host; undefined: it is forgotten. */
function missing(entry: Entry, ...atMs: readonly number[]): Entry | undefined {
  const entries = new Map([['gpu-01', entry]]);
  for (const nowMs of atMs) forgetMissing(entries, new Map(), nowMs);
  return entries.get('gpu-01');
}

describe('a host from poll to poll', () => {
  const first = afterFound(undefined, found(), at(1_000_000));

  it('has its samples counted once each, however often they are polled', () => {
    expect(first).toMatchObject({ measuredAt: 995_000, failure: null });
    const again = afterFound(first, found({ ageMs: 9000 }), at(1_004_500));
    expect(again.gpus[0]?.samples).toBe(first.gpus[0]?.samples);
    // Of the same sample the time stays, although the clocks drift.
    expect(again.measuredAt).toBe(995_000);
    const next = afterFound(again, found({ sampledS: 115, ageMs: 0 }), at(1_010_000));
    expect(next.gpus[0]?.samples).toBe((first.gpus[0]?.samples ?? 0) + 1);
    expect(next.measuredAt).toBe(1_010_000);
  });

  it('is stale when its samples are too old, and shows no number then', () => {
    const stale = afterFound(first, found({ ageMs: 61_000 }), at(1_056_000));
    const { host } = row(stale);
    expect(host.state).toMatchObject({ kind: 'stale', failure: { code: 'samples-stale' } });
    expect(host.gpus[0]?.utilPct).toBeNull();
  });

  it('whose exporter is down keeps what was known, and was never reached where nothing is', () => {
    const down = found({ isDown: true, gpus: [] });
    expect(row(afterFound(first, down, at(1_010_000))).host).toMatchObject({
      state: { kind: 'stale', failure: { code: 'exporter-down' } },
      measuredAt: 995_000,
    });
    expect(row(afterFound(undefined, down, at(1_010_000))).host.state.kind).toBe('unreachable');
  });

  it('that no answer names any more is forgotten after a quarter of an hour', () => {
    expect(missing(first, 1_000_000)).toMatchObject({
      missingSince: 1_000_000,
      failure: { code: 'samples-stale' },
    });
    const later = missing(first, 1_000_000, 1_000_000 + 14 * 60_000);
    expect(later?.missingSince).toBe(1_000_000);
    expect(missing(first, 1_000_000, 1_000_000 + 15 * 60_000)).toBeUndefined();
    expect(afterFound(later, found({ sampledS: 900 }), at(2_000_000)).missingSince).toBeNull();
  });

  it('that has another name now is not a second one', () => {
    const entries = new Map([['gpu-01:9400', first]]);
    forgetRenamed(entries, new Map([['gpu-01', found()]]));
    expect(entries.size).toBe(0);
    entries.set('gpu-02', afterFound(undefined, found({ instance: 'gpu-02:9400' }), at(1)));
    forgetRenamed(entries, new Map([['gpu-01', found()]]));
    expect(entries.size).toBe(1);
  });

  it('has the same row while nothing of it changes', () => {
    const { host } = row(first);
    expect(row(first).host).toBe(host);
    const grouped = rowOf(first, { origin, without: 'unlisted', group: 'r1' });
    expect(grouped.host).toMatchObject({ group: 'r1', gpus: host.gpus });
    expect(row({ ...first }).host).not.toBe(host);
  });

  it('without GPUs says so', () => {
    expect(row(afterFound(undefined, found({ gpus: [] }), at(1))).host.state.kind).toBe('no-gpu');
  });
});

describe('its model servers', () => {
  const models = [
    { port: 8001, loads: [{ ...aLoad, model: 'b' }] },
    { port: null, loads: [{ ...aLoad, model: 'a' }] },
  ];
  const entry = afterFound(undefined, found({ models }), at(1_000_000));

  it('are there by their ports; 0 is one that is not known', () => {
    expect(row(entry).servers.map(({ port, models: [model] }) => [port, model?.id])).toEqual([
      [0, 'a'],
      [8001, 'b'],
    ]);
  });

  it('are lost with it', () => {
    const stale = afterFound(entry, found({ models, ageMs: 90_000 }), at(1_100_000));
    expect(row(stale).servers.map(({ state }) => state.kind)).toEqual(['lost', 'lost']);
  });

  it('stand beside a host that SSH has lost, under its id, only while they are true', () => {
    const options = { origin, hostId: 'h', ssh: { kind: 'unreachable' } as never };
    expect(readingOf(entry, options)?.servers.map(({ hostId }) => hostId)).toEqual(['h', 'h']);
    const gone = missing(entry, 1_000_000);
    expect(gone && readingOf(gone, options)).toBeNull();
  });
});
