import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type FreeGpusWanted,
  findFreeGpus,
  gpuKindNames,
  shellOnDevices,
  visibleDevices,
} from '#common/free-gpus.ts';
import type { Gpu, Host, MigInstance } from '#common/hosts.ts';
import { memoryGiB } from '#common/select/gpus.ts';
import { defaultSettings } from '#common/settings.ts';
import { aFailure, aGpu, aHost, aProcess } from '../../support/samples.ts';

const any: FreeGpusWanted = { count: 1, memGiB: 0, kind: '' };
const gpu = (index: number, change: Partial<Gpu> = {}): Gpu => ({
  ...aGpu,
  index,
  uuid: `GPU-${index}`,
  ...change,
});
const busy = { idleStreak: 0, utilPct: 90 };
const small = { name: 'NVIDIA L40S', memTotalMiB: 46_068 };
const host = (alias: string, gpus: readonly Gpu[], change: Partial<Host> = {}): Host => ({
  ...aHost,
  id: alias,
  alias,
  gpus,
  ...change,
});
const find = (hosts: readonly Host[], wanted: Partial<FreeGpusWanted>) =>
  findFreeGpus({ hosts, settings: defaultSettings }, { ...any, ...wanted });
const found = (hosts: readonly Host[], wanted: Partial<FreeGpusWanted>) =>
  find(hosts, wanted).map((offer) => `${offer.host.alias} ${offer.devices.map((one) => one.gpu.index)}`);

const instance = (index: number, change: Partial<MigInstance> = {}): MigInstance => ({
  index,
  uuid: `MIG-${index}`,
  profile: '1g.10gb',
  memUsedMiB: 12,
  memTotalMiB: 9856,
  processes: [],
  ...change,
});

describe('which hosts', () => {
  test('none by a number that stands for several GPUs', () => {
    const joined = [gpu(0), { ...gpu(0), uuid: 'GPU-other' }, gpu(1)];
    expect(found([host('joined', joined)], {})).toEqual(['joined 1']);
    expect(found([host('joined', joined)], { count: 2 })).toEqual([]);
  });

  test('the smallest memory that is enough, then the fewest left over, then the lower load', () => {
    const hosts = [
      host(
        'eight',
        Array.from({ length: 8 }, (_, index) => gpu(index)),
      ),
      host('three-loaded', [gpu(0), gpu(1), gpu(2), gpu(3, busy)]),
      host('three', [gpu(0), gpu(1), gpu(2)]),
      host('small', [gpu(0, small), gpu(1, small), gpu(2, small)]),
      host('one', [gpu(0), gpu(1, busy)]),
    ];
    expect(found(hosts, { count: 2 })).toEqual(['small 0,1', 'three 0,1', 'three-loaded 0,1', 'eight 0,1']);
    expect(found(hosts, { count: 2, memGiB: 80 })).toEqual(['three 0,1', 'three-loaded 0,1', 'eight 0,1']);
    expect(found(hosts, { count: 2, kind: 'l40' })).toEqual(['small 0,1']);
    expect(found(hosts, { count: 8 })).toEqual(['eight 0,1,2,3,4,5,6,7']);
    expect(found(hosts, { count: 9 })).toEqual([]);
    expect(find(hosts, { count: 2, kind: 'h100' }).map(({ spare }) => spare)).toEqual([1, 1, 6]);
  });

  test('only hosts that answer, and GPUs that are idle and well', () => {
    const stale = { kind: 'stale', failure: aFailure('connection-lost') } as const;
    const hosts = [
      host('away', [gpu(0)], { state: stale }),
      host('broken', [
        gpu(0, { problem: 'GPU requires reset' }),
        gpu(1, { utilPct: null, memUsedMiB: null }),
      ]),
    ];
    expect(found(hosts, {})).toEqual([]);
  });

  test('a GPU whose memory is the host’s is found only where memory is not asked for', () => {
    const unified = [host('spark', [gpu(0, { memTotalMiB: null, memUsedMiB: null, unifiedMemory: true })])];
    expect(found(unified, {})).toEqual(['spark 0']);
    expect(found(unified, { memGiB: 1 })).toEqual([]);
  });
});

describe('which GPUs of a host', () => {
  test('alike ones, and neighbours', () => {
    const mixed = host('mixed', [gpu(0, small), gpu(1), gpu(2, small), gpu(3, busy), gpu(4), gpu(5)]);
    expect(found([mixed], { count: 2 })).toEqual(['mixed 0,2']);
    expect(found([mixed], { count: 2, memGiB: 60 })).toEqual(['mixed 4,5']);
    expect(found([mixed], { count: 3 })).toEqual(['mixed 1,4,5']);
    // Only together there are so many.
    expect(found([mixed], { count: 4 })).toEqual(['mixed 0,1,2,4']);
  });

  test('instances of a GPU in MIG mode instead of the GPU, by their own memory', () => {
    const used = { memUsedMiB: 9000, processes: [{ ...aProcess, pid: 1 }] };
    const instances = [instance(0), instance(1, used), instance(2), instance(3, { uuid: null })];
    const mig = host('mig', [gpu(0, { utilPct: null, instances })]);
    const plain = host('plain', [gpu(0), gpu(1)]);
    expect(find([plain, mig], {}).map(({ devices }) => devices[0]?.instance?.uuid)).toEqual([
      undefined,
      'MIG-0',
    ]);
    expect(find([mig], { memGiB: 10 })).toHaveLength(1);
    expect(find([mig], { memGiB: 11 })).toEqual([]);
    expect(found([mig, plain], { count: 2 })).toEqual(['plain 0,1', 'mig 0,0']);
    const [offer] = find([mig], { count: 2 });
    expect(offer && visibleDevices(offer.devices)).toContain('CUDA_VISIBLE_DEVICES=MIG-0,MIG-2');
    expect(find([host('off', [gpu(0, { instances: [] })])], {})).toEqual([]);
  });

  test('whatever there is, an offer holds what it promises', () => {
    const anyGpu = fc.record({
      ...Object.fromEntries(Object.entries(aGpu).map(([key, value]) => [key, fc.constant(value)])),
      name: fc.constantFrom('A', 'B'),
      memTotalMiB: fc.constantFrom(null, 24_564, 81_559),
      memUsedMiB: fc.constantFrom(null, 4, 50_000),
      idleStreak: fc.constantFrom(0, 2),
      instances: fc.constantFrom(null, [], [instance(0), instance(1)]),
    }) as fc.Arbitrary<Gpu>;
    const anyHosts = fc.array(
      fc
        .array(anyGpu, { maxLength: 6 })
        .map((gpus) => gpus.map((one, index) => ({ ...one, index, uuid: `${index}` }))),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(
        anyHosts,
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom(0, 10, 24, 80),
        (all, count, memGiB) => {
          const hosts = all.map((gpus, index) => host(`h${index}`, gpus));
          for (const { devices, spare } of find(hosts, { count, memGiB })) {
            expect(devices).toHaveLength(count);
            expect(new Set(devices.map((one) => `${one.gpu.index} ${one.instance?.index}`)).size).toBe(count);
            expect(new Set(devices.map((one) => one.instance === null)).size).toBe(1);
            expect(spare).toBeGreaterThanOrEqual(0);
            for (const one of devices)
              if (memGiB > 0) expect(memoryGiB(one.instance ?? one.gpu)).toBeGreaterThanOrEqual(memGiB);
          }
        },
      ),
    );
  });
});

describe('what to paste', () => {
  const devices = (one: Host) => one.gpus.map((each) => ({ gpu: each, instance: null }));

  test('numbers with the order they count in, and AMD by its own name', () => {
    const order = 'CUDA_DEVICE_ORDER=PCI_BUS_ID';
    const same = host('same', [gpu(0), gpu(3)]);
    expect(visibleDevices(devices(same))).toEqual([order, 'CUDA_VISIBLE_DEVICES=0,3']);
    const amd = host('amd', [gpu(2, { vendor: 'amd' })]);
    expect(visibleDevices(devices(amd))).toEqual(['HIP_VISIBLE_DEVICES=2']);
    const both = host('both', [gpu(0), gpu(1, { vendor: 'amd' })]);
    expect(visibleDevices(devices(both))).toEqual([order, 'CUDA_VISIBLE_DEVICES=0', 'HIP_VISIBLE_DEVICES=1']);
  });

  test('one line that opens a shell on the host', () => {
    const source = { kind: 'ssh-config', path: '/home/me/.ssh/config' } as const;
    const one = host('gpu030', [gpu(1), gpu(2)]);
    expect(shellOnDevices(source, one, devices(one))).toBe(
      `ssh -t gpu030 'exec env CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES=1,2 "$SHELL" -l'`,
    );
  });

  test('kinds for a choice', () => {
    expect(gpuKindNames([host('a', [gpu(0), gpu(1, small)]), host('b', [gpu(0)])])).toEqual([
      'H100 80GB HBM3',
      'L40S',
    ]);
  });
});
