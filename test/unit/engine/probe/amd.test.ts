import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAmdSmi, parseAmdSmiProcesses, parseRocmPids, parseRocmSmi } from '#engine/probe/amd.ts';
import { parseBrokenJson } from '#engine/probe/broken-json.ts';
import { describeFixtures } from './fixtures.ts';

const metricOf = (gpu: number, used: unknown) => ({
  gpu,
  usage: { gfx_activity: { value: 42, unit: '%' }, umc_activity: 'N/A' },
  power: { socket_power: { value: 210, unit: 'W' } },
  temperature: { edge: 'N/A', hotspot: { value: 61, unit: 'C' } },
  mem_usage: { total_vram: { value: 196_592, unit: 'MB' }, used_vram: used },
});
const metric = JSON.stringify([metricOf(0, { value: 150_000, unit: 'MB' }), metricOf(1, 285)]);
const facts = JSON.stringify([
  {
    gpu: 0,
    asic: { market_name: 'AMD Instinct MI300X', asic_serial: '0xAB12' },
    bus: { bdf: '0000:05:00.0' },
    driver: { name: 'amdgpu', version: '6.8.5' },
  },
]);

describe('amd-smi', () => {
  test('metrics with the names that the facts give', () => {
    const { gpus, driverVersion, failure } = parseAmdSmi({ metric, metricCode: 0, static: facts });
    expect(failure).toBeNull();
    expect(driverVersion).toBe('6.8.5');
    expect(gpus).toMatchObject([
      {
        vendor: 'amd',
        index: 0,
        uuid: '0xAB12',
        name: 'AMD Instinct MI300X',
        utilPct: 42,
        memUsedMiB: 150_000,
        memTotalMiB: 196_592,
        temperatureC: 61,
        powerW: 210,
      },
      { index: 1, uuid: 'amd-1', name: 'AMD GPU', memUsedMiB: 285 },
    ]);
  });

  test('since ROCm 7 under gpu_data, and behind a warning', () => {
    const text = `WARNING: User is missing the following required groups: render\n{"gpu_data": ${metric}}\n`;
    expect(parseAmdSmi({ metric: text, metricCode: 0, static: '' }).gpus).toHaveLength(2);
  });

  test('what is no JSON is a failure with its words', () => {
    const { failure } = parseAmdSmi({
      metric: 'ERROR:root:Unable to get devices',
      metricCode: 255,
      static: '',
    });
    expect(failure).toMatchObject({
      code: 'gpu-tool-failed',
      detail: 'amd-smi: ERROR:root:Unable to get devices',
    });
    expect(parseAmdSmi({ metric: '[]', metricCode: 0, static: '' }).failure?.code).toBe('no-gpu-devices');
  });

  test('processes', () => {
    const list = [
      {
        process_info: {
          name: 'python3',
          pid: 77,
          memory_usage: { vram_mem: { value: 2_097_152, unit: 'B' } },
        },
      },
      { process_info: 'No running processes detected' },
    ];
    expect(parseAmdSmiProcesses(JSON.stringify([{ gpu: 0, process_list: list }]))).toEqual([
      { gpu: 0, pid: 77, name: 'python3', memUsedMiB: 2 },
    ]);
  });
});

describe('rocm-smi', () => {
  test('a card', () => {
    const card = {
      'GPU use (%)': '97',
      'VRAM Total Memory (B)': '34342961152',
      'VRAM Total Used Memory (B)': '17171480576',
      'Current Socket Graphics Package Power (W)': '290.0',
      'Card Series': '0x738c',
      'Device Name': 'Arcturus GL-XL [Instinct MI100]',
    };
    expect(
      parseRocmSmi(JSON.stringify({ card1: card, system: { 'Driver version': '6.3.6' } }), 0),
    ).toMatchObject({
      driverVersion: '6.3.6',
      failure: null,
      gpus: [
        {
          index: 1,
          utilPct: 97,
          memUsedMiB: 16_376,
          memTotalMiB: 32_752,
          powerW: 290,
          name: 'Arcturus GL-XL [Instinct MI100]',
        },
      ],
    });
  });

  test('processes, and none', () => {
    expect(parseRocmPids('{"system": {"PID4242": "python3, 1, 68719476736, 0, 12"}}')).toEqual([
      { gpu: null, pid: 4242, name: 'python3', memUsedMiB: 65_536 },
    ]);
    expect(parseRocmPids('WARNING: No JSON data to report')).toEqual([]);
  });
});

describe('hostile text', () => {
  test('what is cut keeps what was complete', () => {
    for (let length = 0; length <= metric.length; length += 1) {
      const { gpus } = parseAmdSmi({
        metric: metric.slice(0, length),
        metricCode: 0,
        static: metric.slice(0, length),
      });
      for (const gpu of gpus) expect(gpu.utilPct === null || gpu.utilPct === 42).toBe(true);
    }
    expect(parseBrokenJson('{"a": [1, {"b": "x"}, {"c": "y')).toEqual({ a: [1, { b: 'x' }] });
  });

  test('anything at all', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        parseAmdSmi({ metric: text, metricCode: 1, static: text });
        parseRocmSmi(text, 0);
        parseAmdSmiProcesses(text);
        parseRocmPids(text);
      }),
    );
  });

  test('10 MB in one line', () => {
    for (const filling of ['[', '{"a":', '1,', 'x'])
      parseRocmSmi(filling.repeat(10_000_000 / filling.length), 0);
  });
});

describeFixtures('amd', (files) => {
  const read = (name: string, text: string) =>
    name.startsWith('amd-smi')
      ? parseAmdSmi({ metric: text, metricCode: 0, static: '' })
      : parseRocmSmi(text, 0);
  const expected: Readonly<Record<string, readonly unknown[]>> = {
    'amd-smi_metric_-u_w7700.truncated.json': [[0, 'AMD GPU', 42, null, null, null]],
    'rocm-smi_rx6700xt_rocm612.json': [[0, 'Navi 22 [Radeon RX 6700/6700 XT / 6800M]', 0, 1500, 12_272, 6]],
    'rocm-smi_showmemuse_2xrx6800.json': [
      [0, 'AMD GPU', null, null, null, null],
      [1, 'AMD GPU', null, null, null, null],
    ],
  };

  test('every file, as a table', () => {
    const rows = files.flatMap(({ name, text }) =>
      read(name, text).gpus.map((gpu) => ({
        file: name,
        gpu: gpu.index,
        name: gpu.name,
        util: gpu.utilPct,
        used: gpu.memUsedMiB,
        total: gpu.memTotalMiB,
        W: gpu.powerW,
      })),
    );
    console.table(rows);
    expect(new Set(rows.map(({ file }) => file)).size).toBe(files.length);
    for (const [file, gpus] of Object.entries(expected))
      expect(
        rows
          .filter((row) => row.file === file)
          .map(({ gpu, name, util, used, total, W }) => [gpu, name, util, used, total, W]),
        file,
      ).toEqual(gpus);
  });
});
