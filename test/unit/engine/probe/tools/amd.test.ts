import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAmdSmi, parseAmdSmiProcesses } from '#engine/probe/amd-smi.ts';
import { parseRocmPids, parseRocmSmi } from '#engine/probe/rocm-smi.ts';

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

  test('the names and forms of other releases', () => {
    const old = {
      gpu: 0,
      usage: { gfx_activity: 7 },
      power: { current_power: 88, throttle_status: 'THROTTLED' },
      temperature: { edge: 40 },
      clock: { gfx_0: { clk: { value: 2100, unit: 'MHz' } }, mem_0: { clk: 1300 } },
      fan: { speed: 100, max: 255, usage: { value: 39.22, unit: '%' } },
      ecc: { total_uncorrectable_count: 2 },
    };
    const about = {
      gpu: 0,
      driver: { driver_name: 'amdgpu', driver_version: '6.3.6' },
      limit: { max_power: { value: 300, unit: 'W' } },
    };
    const table = parseAmdSmi({
      metric: JSON.stringify([old]),
      metricCode: 0,
      static: JSON.stringify([about]),
    });
    expect(table).toMatchObject({
      driverVersion: '6.3.6',
      gpus: [
        {
          uuid: 'amd-0',
          utilPct: 7,
          powerW: 88,
          temperatureC: 40,
          memUsedMiB: null,
          details: {
            powerLimitW: 300,
            fanPct: 39.22,
            smClockMHz: 2100,
            memClockMHz: 1300,
            eccUncorrected: 2,
            throttleReasons: ['throttled'],
          },
        },
      ],
    });
  });

  test('partitions of one GPU, and GPUs without a serial number, have UUIDs of their own', () => {
    const about = ['0xAB', '0xAB', '0x0000000000000000', 'N/A'].map((asic_serial, gpu) => ({
      gpu,
      asic: { asic_serial },
      bus: { bdf: `0000:05:00.${gpu}` },
    }));
    const metrics = about.map(({ gpu }) => metricOf(gpu, 1));
    const { gpus } = parseAmdSmi({
      metric: JSON.stringify(metrics),
      metricCode: 0,
      static: JSON.stringify(about),
    });
    expect(gpus.map(({ uuid }) => uuid)).toEqual(['0xAB', 'amd-1', 'amd-0000:05:00.2', 'amd-0000:05:00.3']);
  });

  test('an APU shares the memory of the host', () => {
    const apu = {
      ...metricOf(0, 300),
      usage: { gfx_activity: 'N/A', apu_average_gfx_activity: { value: 9 } },
    };
    expect(parseAmdSmi({ metric: JSON.stringify([apu]), metricCode: 0, static: '' }).gpus).toMatchObject([
      { unifiedMemory: true, memUsedMiB: null, memTotalMiB: null, utilPct: 9 },
    ]);
  });

  test.each([
    ['{"error": "Unable to load driver", "code": -8}', 0, 'Unable to load driver'],
    ['[{"gpu": 0', 0, 'its JSON cannot be read'],
    ['WARNING: not in group render\nERROR: no driver', 1, 'ERROR: no driver'],
    ['', 139, 'exit code 139'],
  ])('%j with exit code %i fails: %s', (text, metricCode, detail) => {
    const { gpus, failure } = parseAmdSmi({ metric: text, metricCode, static: '' });
    expect(gpus).toEqual([]);
    expect(failure).toMatchObject({ code: 'gpu-tool-failed', detail: `amd-smi: ${detail}` });
  });

  test('a process that every GPU lists is on the one where it has memory', () => {
    const entry = (pid: number, bytes: number) => ({
      process_info: { name: 'x', pid, mem_usage: { value: bytes, unit: 'B' } },
    });
    const list = [
      { gpu: 0, process_list: [entry(7, 0), entry(8, 0)] },
      { gpu: 1, process_list: [entry(7, 3_145_728)] },
    ];
    expect(parseAmdSmiProcesses(JSON.stringify({ gpu_data: list }))).toEqual([
      { gpu: 0, pid: 8, name: 'x', memUsedMiB: 0 },
      { gpu: 1, pid: 7, name: 'x', memUsedMiB: 3 },
    ]);
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

describe('hostile text', () => {
  const card =
    '{"card0": {"GPU use (%)": "42", "PCI Bus": "0000:1E:00.0"}, "system": {"PID7": "x, 1, 2, 3"}}';

  test('what is cut keeps what was complete', () => {
    for (let length = 0; length <= metric.length; length += 1) {
      const cut = metric.slice(0, length);
      for (const gpu of parseAmdSmi({ metric: cut, metricCode: 0, static: cut }).gpus)
        expect([null, 42]).toContain(gpu.utilPct);
      parseAmdSmiProcesses(cut);
    }
    for (let length = 0; length <= card.length; length += 1) {
      for (const gpu of parseRocmSmi(card.slice(0, length), 0).gpus)
        expect([null, 42]).toContain(gpu.utilPct);
      parseRocmPids(card.slice(0, length));
    }
    expect(parseRocmSmi(card.slice(0, 40), 0).gpus).toMatchObject([{ index: 0, utilPct: 42 }]);
  });

  test('anything at all, and any JSON in place of any value', () => {
    const readAll = (text: string): void => {
      parseAmdSmi({ metric: text, metricCode: 1, static: text });
      parseRocmSmi(text, 0);
      parseAmdSmiProcesses(text);
      parseRocmPids(text);
    };
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), readAll));
    const value = fc.jsonValue();
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        readAll(
          JSON.stringify([{ gpu: 0, usage: a, mem_usage: { used_vram: b }, process_list: c, asic: a }]),
        );
        readAll(JSON.stringify({ gpu_data: a, card0: b, system: c, __proto__: a }));
      }),
    );
    const deep = `${'{"value":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    readAll(`[{"gpu": 0, "usage": {"gfx_activity": ${deep}}, "mem_usage": {"used_vram": ${deep}}}]`);
    readAll(`{"card0": {"GPU use (%)": ${deep}}}`);
  });

  test('10 MB in one line, or in one-character lines', () => {
    for (const filling of ['[', '{"a":', '[{},', 'x', '\n', '[\n', '{\n', ' '])
      expect(parseRocmSmi(filling.repeat(10_000_000 / filling.length), 0).gpus).toEqual([]);
  });
});
