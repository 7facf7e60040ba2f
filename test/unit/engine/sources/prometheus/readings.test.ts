import { describe, expect, it } from 'vitest';
import { nameSetOf } from '#engine/sources/prometheus/exporters/dcgm.ts';
import { type GpuExporterKind, gpuExporters } from '#engine/sources/prometheus/exporters/registry.ts';
import { adderTo, createSeriesBook, type MeasuredGpus } from '#engine/sources/prometheus/measured.ts';
import { gpusOf } from '#engine/sources/prometheus/readings.ts';

type Row = readonly [name: string, value: number | string, more?: Record<string, string>];

const base = { instance: 'a:9400', gpu: '0', UUID: 'GPU-1' };
/** Everything that these series say, each as often as it is asked for. */
function measure(rows: readonly (readonly [Row, Record<string, string>])[], utilFactor = 1): MeasuredGpus {
  const found: MeasuredGpus = new Map();
  const add = adderTo(found, createSeriesBook(utilFactor));
  for (const [[name, value, more = {}], labels] of rows)
    add(JSON.stringify({ __name__: name, ...labels, ...more }), String(value));
  return found;
}

function gpus(
  rows: readonly Row[],
  { labels = base as Record<string, string>, utilFactor = 1, identity = {} as Record<string, string> } = {},
) {
  const found = measure(
    rows.map((row) => [row, labels]),
    utilFactor,
  );
  return gpusOf(
    [...found.values()].flatMap((one) =>
      [...one.values()].map((gpu) => ({
        gpu,
        constant: gpu,
        identity: gpuExporters[gpu.exporter].labels({ ...labels, ...identity }),
      })),
    ),
  );
}

const one = (rows: readonly Row[], options = {}) => {
  const [gpu] = gpus(rows, options);
  if (gpu === undefined) throw new Error('no GPU');
  return gpu;
};
const mib = 1_048_576;

describe('dcgm-exporter', () => {
  it('is the same by both sets of names', () => {
    const old = one(
      [
        ['DCGM_FI_DEV_GPU_UTIL', 37],
        ['DCGM_FI_DEV_FB_USED', 1000],
        ['DCGM_FI_DEV_FB_FREE', 80_000],
        ['DCGM_FI_DEV_FB_RESERVED', 559],
        ['DCGM_FI_DEV_GPU_TEMP', 41],
        ['DCGM_FI_DEV_POWER_USAGE', 120.4],
        ['DCGM_FI_DEV_SM_CLOCK', 1980],
        ['DCGM_FI_DEV_MEM_CLOCK', 2619],
      ],
      { identity: { modelName: 'NVIDIA H100', pci_bus_id: '0:1' } },
    );
    const renamed = one(
      [
        ['DCGM_FI_DEV_GPU_UTIL_RATIO', 0.37],
        ['DCGM_FI_DEV_FB_USED_BYTES', 1000 * mib],
        ['DCGM_FI_DEV_FB_CAPACITY_BYTES', 81_559 * mib],
        ['DCGM_FI_DEV_GPU_TEMP_CELSIUS', 41],
        ['DCGM_FI_DEV_BOARD_POWER_WATTS', 120.4],
        ['DCGM_FI_DEV_SM_CLOCK_HERTZ', 1.98e9],
        ['DCGM_FI_DEV_MEMORY_CLOCK_HERTZ', 2.619e9],
      ],
      { identity: { modelName: 'NVIDIA H100', pci_bus_id: '0:1' } },
    );
    expect(renamed).toEqual(old);
    expect(old).toMatchObject({
      vendor: 'nvidia',
      index: 0,
      uuid: 'GPU-1',
      name: 'NVIDIA H100',
      utilPct: 37,
      memUsedMiB: 1000,
      memTotalMiB: 81_559,
      temperatureC: 41,
      powerW: 120,
      details: { smClockMHz: 1980, memClockMHz: 2619, pciBusId: '0:1' },
    });
  });

  it('prefers the newer set, and adds nothing', () => {
    const both = one([
      ['DCGM_FI_DEV_GPU_UTIL', 90],
      ['DCGM_FI_DEV_GPU_UTIL_RATIO', 0.5],
      ['DCGM_FI_DEV_FB_USED', 7],
      ['DCGM_FI_DEV_FB_USED_BYTES', 8 * mib],
    ]);
    expect(both).toMatchObject({ utilPct: 50, memUsedMiB: 8, memTotalMiB: null });
  });

  it('reads a utilisation that a collector passes on as a ratio', () => {
    expect(one([['DCGM_FI_DEV_GPU_UTIL', 0.25]], { utilFactor: 100 }).utilPct).toBe(25);
  });

  it.each(['9223372036854775794', '2147483632', '140737488355328', '4294967295', '65535', 'NaN', '+Inf'])(
    'takes %s for unknown',
    (blank) => {
      expect(
        one([
          ['DCGM_FI_DEV_GPU_TEMP', blank],
          ['DCGM_FI_DEV_FB_USED', 1],
        ]).temperatureC,
      ).toBeNull();
    },
  );

  it('takes no number below zero but that of a temperature', () => {
    const gpu = one([
      ['DCGM_FI_DEV_GPU_TEMP', -5],
      ['DCGM_FI_DEV_FB_USED', -1],
      ['DCGM_FI_DEV_POWER_USAGE', -1],
    ]);
    expect(gpu).toMatchObject({ temperatureC: -5, memUsedMiB: null, powerW: null });
  });

  it('knows no utilisation of a GPU with MIG on, and its instances by their number', () => {
    const gpu = one([
      ['DCGM_FI_DEV_GPU_UTIL', 0],
      ['DCGM_FI_DEV_GPU_TEMP', 50],
      ['DCGM_FI_DEV_FB_USED', 100, { GPU_I_ID: '2', GPU_I_PROFILE: '1g.10gb' }],
      ['DCGM_FI_DEV_FB_FREE', 900, { GPU_I_ID: '2', GPU_I_PROFILE: '1g.10gb' }],
      ['DCGM_FI_DEV_FB_USED', 50, { GPU_I_ID: '3', GPU_I_PROFILE: '1g.10gb' }],
    ]);
    expect(gpu).toMatchObject({ utilPct: null, memUsedMiB: 150, memTotalMiB: 1000, temperatureC: 50 });
    expect(gpu.instances).toEqual([
      { index: 2, uuid: null, profile: '1g.10gb', memUsedMiB: 100, memTotalMiB: 1000, processes: [] },
      { index: 3, uuid: null, profile: '1g.10gb', memUsedMiB: 50, memTotalMiB: null, processes: [] },
    ]);
  });

  it('knows no memory of a MIG instance that was made anew with another profile', () => {
    const before = { ...base, GPU_I_ID: '2', GPU_I_PROFILE: '1g.10gb' };
    const used = (labels: Record<string, string>) =>
      measure([
        [['DCGM_FI_DEV_FB_USED', 100], labels],
        [['DCGM_FI_DEV_FB_FREE', 900], labels],
      ])
        .get('a:9400')
        ?.get('GPU-1');
    const constant = used(before) ?? null;
    const [same, other] = ['1g.10gb', '2g.20gb'].map((GPU_I_PROFILE) => used({ ...before, GPU_I_PROFILE }));
    const totalOf = (gpu: typeof same) =>
      gpu && gpusOf([{ gpu, identity: null, constant }])[0]?.instances?.[0]?.memTotalMiB;
    expect([totalOf(same), totalOf(other)]).toEqual([1000, null]);
  });

  it('takes an Xid for the number of a fault, not for a count', () => {
    expect(one([['DCGM_FI_DEV_XID_ERRORS', 79]]).problem).toBe('Xid 79');
    expect(one([['DCGM_FI_DEV_XID_ERRORS', 13]]).problem).toBeNull();
    expect(one([['DCGM_FI_DEV_ROW_REMAP_FAILURE', 1]]).problem).toBe('row remapping failed');
  });

  it('says which job or pod has it, and never that of the exporter', () => {
    const rows: Row[] = [['DCGM_FI_DEV_FB_USED', 1]];
    expect(one(rows, { identity: { hpc_job: '1234' } }).job).toEqual({ user: null, job: '1234', pod: null });
    const renamed = { exported_pod: 'train-0', exported_namespace: 'ml', pod: 'dcgm-exporter-abcde' };
    expect(one(rows, { identity: renamed }).job).toEqual({ user: null, job: null, pod: 'ml/train-0' });
    expect(
      one(rows, { identity: { pod: 'nvidia-dcgm-exporter-abcde', namespace: 'gpu' } }).job,
    ).toBeUndefined();
    const hostile = `\u001b[31m7\u202e${'1'.repeat(500)}`;
    expect(one(rows, { identity: { hpc_job: hostile } }).job?.job).toMatch(/^7 1{97}…$/);
  });

  it('says which set of names there is', () => {
    expect(nameSetOf(['DCGM_FI_DEV_GPU_UTIL'])).toBe('old');
    expect(nameSetOf(['DCGM_FI_DEV_GPU_UTIL_RATIO'])).toBe('new');
    expect(nameSetOf(['DCGM_FI_DEV_GPU_UTIL_RATIO', 'DCGM_FI_DEV_GPU_UTIL'])).toBe('both');
    expect(nameSetOf(['node_load1'])).toBeNull();
  });
});

describe('other exporters', () => {
  it('nvidia_gpu_exporter names a UUID without GPU- before it', () => {
    const uuid = '4f6b2e1a-1111-2222-3333-444455556666';
    const gpu = one(
      [
        ['nvidia_smi_utilization_gpu_ratio', 0.5],
        ['nvidia_smi_memory_used_bytes', 512 * mib],
        ['nvidia_smi_memory_total_bytes', 1024 * mib],
        ['nvidia_smi_gpu_recovery_action', 1],
      ],
      {
        labels: { instance: 'a:9835', uuid },
        identity: { index: '3', name: 'RTX 4090', driver_version: '550' },
      },
    );
    expect(gpu).toMatchObject({
      uuid: `GPU-${uuid}`,
      index: 3,
      name: 'RTX 4090',
      utilPct: 50,
      memUsedMiB: 512,
      memTotalMiB: 1024,
    });
    expect(gpu.problem).toBe('GPU recovery action required');
  });

  it('AMD says job and user', () => {
    const gpu = one(
      [
        ['gpu_gfx_activity', 12],
        ['gpu_used_vram', 300],
        ['gpu_total_vram', 196_592],
        ['gpu_average_package_power', 90],
        ['gpu_package_power', 100],
        ['gpu_edge_temperature', 40],
      ],
      {
        labels: { instance: 'a:5000', gpu_id: '1', gpu_uuid: 'u1' },
        identity: { card_model: 'MI300X', job_user: 'ada', job_id: '7' },
      },
    );
    expect(gpu).toMatchObject({
      vendor: 'amd',
      index: 1,
      uuid: 'u1',
      name: 'MI300X',
      utilPct: 12,
      powerW: 100,
      temperatureC: 40,
    });
    expect(gpu.job).toEqual({ user: 'ada', job: '7', pod: null });
  });

  it('all-smi in bytes', () => {
    const labels = { instance: 'a:9090', uuid: 'GPU-9', index: '2' };
    expect(
      one(
        [
          ['all_smi_gpu_memory_used_bytes', mib],
          ['all_smi_gpu_utilization', 5],
        ],
        { labels },
      ),
    ).toMatchObject({
      uuid: 'GPU-9',
      index: 2,
      memUsedMiB: 1,
      utilPct: 5,
    });
  });

  it('a GPU that two of them measure is one, of the preferred one', () => {
    const uuid = '4f6b2e1a-1111-2222-3333-444455556666';
    const rows: [Row, Record<string, string>][] = [
      [['nvidia_smi_utilization_gpu_ratio', 0.1], { instance: 'a:9835', uuid }],
      [['nvidia_smi_power_draw_watts', 77], { instance: 'a:9835', uuid }],
      [['DCGM_FI_DEV_GPU_UTIL', 20], { instance: 'a:9400', gpu: '0', UUID: `GPU-${uuid}` }],
    ];
    const both = gpusOf(
      [...measure(rows).values()].flatMap((gpus) =>
        [...gpus.values()].map((gpu) => ({ gpu, identity: null, constant: null })),
      ),
    );
    expect(both).toHaveLength(1);
    expect(both[0]).toMatchObject({ utilPct: 20, powerW: 77 });
  });
});

it('every exporter has gauges of use and memory, and a series of identity', () => {
  for (const kind of Object.keys(gpuExporters) as GpuExporterKind[]) {
    const meanings = Object.values(gpuExporters[kind].gauges).map(({ meaning }) => meaning);
    expect(meanings).toContain('utilPct');
    expect(meanings).toContain('memUsedMiB');
    expect(gpuExporters[kind].identity.length).toBeGreaterThan(0);
  }
});
