import { describe, expect, it } from 'vitest';
import { defaultSettings as settings } from '#common/settings.ts';
import { busyAmong, chooseGpus, chooseHost } from '#engine/launch/gpu-choice.ts';
import { aGpu, aHost } from '../../../support/samples.ts';

const gpu = (index: number, busy: boolean) => ({
  ...aGpu,
  index,
  uuid: `GPU-${index}`,
  instances: null,
  utilPct: busy ? 90 : 0,
  memUsedMiB: busy ? 70_000 : 0,
  memTotalMiB: 81_559,
  processes: [],
  problem: null,
  samples: 3,
  idleStreak: busy ? 0 : 3,
});
const host = {
  ...aHost,
  id: 'h1',
  alias: 'h1',
  state: { kind: 'up' } as const,
  gpus: [gpu(0, true), gpu(1, false), gpu(2, false), gpu(3, false)],
};
const none: ReadonlySet<string> = new Set();

describe('the GPUs of a launch', () => {
  it('are so many free ones, and none that another launch holds', () => {
    const wish = { kind: 'count', count: 2, minGiB: 40 } as const;
    expect(chooseGpus(host, wish, { settings, taken: none })?.uuids).toEqual(['GPU-1', 'GPU-2']);
    expect(chooseGpus(host, wish, { settings, taken: new Set(['GPU-1']) })?.uuids).toEqual([
      'GPU-2',
      'GPU-3',
    ]);
    expect(() => chooseGpus(host, { ...wish, count: 4 }, { settings, taken: none })).toThrow(
      '3 of the GPUs of h1 are free',
    );
    expect(() => chooseGpus(host, { ...wish, minGiB: 200 }, { settings, taken: none })).toThrow();
    expect(chooseGpus(host, { ...wish, count: 0 }, { settings, taken: none })).toBeNull();
  });

  it('are those of these numbers, if they are free', () => {
    const wish = (...indices: number[]) => ({ kind: 'indices', indices }) as const;
    expect(chooseGpus(host, wish(3, 1), { settings, taken: none })).toEqual({
      vendor: 'nvidia',
      uuids: ['GPU-3', 'GPU-1'],
      indices: [3, 1],
    });
    expect(() => chooseGpus(host, wish(0), { settings, taken: none })).toThrow('GPU 0 of h1 is not free');
    expect(() => chooseGpus(host, wish(9), { settings, taken: none })).toThrow('h1 has no GPU 9');
    expect(() => chooseGpus(host, wish(1), { settings, taken: new Set(['GPU-1']) })).toThrow('not free');
  });

  it('are looked at again', () => {
    const limit = { vendor: 'nvidia', uuids: ['GPU-0', 'GPU-1'], indices: [0, 1] } as const;
    expect(busyAmong(host, limit, settings)).toEqual(['GPU-0']);
  });

  it('are on the host that fits best', () => {
    const small = { ...host, id: 'h2', alias: 'h2', gpus: [gpu(0, false)] };
    const snapshot = { hosts: [host, small], settings };
    const wish = { kind: 'count', count: 1, minGiB: 0 } as const;
    expect(chooseHost(snapshot, wish, new Map()).id).toBe('h2');
    expect(chooseHost(snapshot, wish, new Map([['h2', new Set(['GPU-0'])]])).id).toBe('h1');
    expect(() => chooseHost(snapshot, { ...wish, count: 9 }, new Map())).toThrow('no host has');
  });
});
