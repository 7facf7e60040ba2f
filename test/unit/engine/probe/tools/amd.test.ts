import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAmdSmi, parseAmdSmiProcesses } from '#engine/probe/tools/amd-smi.ts';
import { parseRocmPids, parseRocmSmi } from '#engine/probe/tools/rocm-smi.ts';

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

  test('sizes by their unit; one of a unit that is not known is unknown', () => {
    const used = (value: unknown) =>
      parseAmdSmi({ metric: JSON.stringify([metricOf(0, value)]), metricCode: 0, static: '' }).gpus[0]
        ?.memUsedMiB;
    expect([used({ value: 64, unit: 'GB' }), used({ value: 2048, unit: 'KiB' })]).toEqual([65_536, 2]);
    expect([used({ value: 7, unit: 'pages' }), used({ value: 7, unit: null })]).toEqual([null, null]);
    const process = (vram_mem: unknown) =>
      parseAmdSmiProcesses(
        JSON.stringify([
          { gpu: 0, process_list: [{ process_info: { name: 'x', pid: 7, memory_usage: { vram_mem } } }] },
        ]),
      )[0]?.memUsedMiB;
    expect([process({ value: 2.5, unit: 'GiB' }), process({ value: 3, unit: 'MiB' })]).toEqual([2560, 3]);
    expect([process(3_145_728), process({ value: 3_145_728 })]).toEqual([3, 3]);
    expect(process({ value: 3, unit: 'pages' })).toBeNull();
  });

  test.each([65_535, 4_294_967_295, 1.8446744073709552e19])(
    '%d, which means that nothing is measured',
    (most) => {
      const value = (unit: string) => ({ value: most, unit });
      const gpu = {
        ...metricOf(0, 1),
        usage: { gfx_activity: value('%') },
        power: { socket_power: value('W'), average_socket_power: 90 },
        temperature: { edge: value('C'), hotspot: most },
        clock: { gfx_0: { clk: value('MHz') } },
      };
      expect(parseAmdSmi({ metric: JSON.stringify([gpu]), metricCode: 0, static: '' }).gpus[0]).toMatchObject(
        {
          utilPct: null,
          powerW: 90,
          temperatureC: null,
          details: { smClockMHz: null },
        },
      );
    },
  );

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

  const carveOut = {
    gpu: 0,
    usage: 'N/A',
    power: {},
    temperature: {},
    mem_usage: {
      total_vram: { value: 512, unit: 'MB' },
      used_vram: { value: 489, unit: 'MB' },
      total_gtt: { value: 126_976, unit: 'MB' },
    },
  };
  const large = {
    ...carveOut,
    mem_usage: { ...carveOut.mem_usage, total_vram: { value: 16_384, unit: 'MB' } },
  };
  const asic = (target_graphics_version: string, market_name = 'N/A') => [
    { gpu: 0, asic: { market_name, target_graphics_version } },
  ];
  test.each([
    [carveOut, [], true],
    [carveOut, asic('gfx1151', 'Strix Halo [Radeon 8060S Graphics]'), true],
    [large, asic('gfx1151'), true],
    [large, asic('gfx1036', 'Granite Ridge [Radeon Graphics]'), true],
    [large, asic('gfx90c'), true],
    [large, asic('N/A', 'AMD Radeon Graphics'), true],
    [large, asic('N/A', 'AMD Radeon 780M'), true],
    [large, asic('gfx1030', 'Radeon RX 6800M'), false],
    [large, asic('gfx942', 'AMD Instinct MI300A'), false],
    [large, asic('N/A', 'Radeon RX 7600M XT'), false],
    [large, asic('gfx1201', 'AMD Radeon Graphics'), false],
    [large, [], false],
  ])('an APU is known by its processor, not by how much it may borrow: %j, %j: %j', (gpu, about, unified) => {
    for (const [wrap, from] of [
      [(list: unknown) => ({ gpu_data: list }), 'ROCm 7'],
      [(list: unknown) => list, 'earlier'],
    ] as const) {
      const table = parseAmdSmi({
        metric: JSON.stringify(wrap([gpu])),
        metricCode: 0,
        static: about.length === 0 ? '' : JSON.stringify(wrap(about)),
      });
      expect(table, from).toMatchObject({ failure: null, gpus: [{ index: 0, utilPct: null, powerW: null }] });
      expect(table.gpus[0]?.unifiedMemory, from).toBe(unified);
      expect(table.gpus[0]?.memTotalMiB, from).toBe(unified ? null : 16_384);
    }
  });

  test("a Ryzen's own graphics beside a real card", () => {
    const about = [
      { gpu: 0, asic: { market_name: 'Radeon RX 7900 XTX', target_graphics_version: 'gfx1100' } },
      { gpu: 1, asic: { market_name: 'Raphael', target_graphics_version: 'gfx1036' } },
    ];
    const { gpus } = parseAmdSmi({
      metric: JSON.stringify([metricOf(0, { value: 150_000, unit: 'MB' }), { ...carveOut, gpu: 1 }]),
      metricCode: 0,
      static: JSON.stringify(about),
    });
    expect(gpus.map(({ unifiedMemory, memUsedMiB }) => [unifiedMemory, memUsedMiB])).toEqual([
      [false, 150_000],
      [true, null],
    ]);
  });

  test('hosts that a wrapper joins: all of their GPUs, and the failure that says so', () => {
    const table = parseAmdSmi({ metric: `${metric}\n${metric}`, metricCode: 0, static: facts });
    expect(table.gpus.map(({ index }) => index)).toEqual([0, 0, 1, 1]);
    expect(new Set(table.gpus.map(({ uuid }) => uuid)).size).toBe(4);
    expect(table.failure).toMatchObject({
      code: 'gpu-tool-failed',
      detail: expect.stringContaining('GPU 0'),
    });
  });

  const loader = "ERROR: ld.so: object '/x.so' from LD_PRELOAD cannot be preloaded (failed to map): ignored.";
  const groups =
    'WARNING: User is missing the following required groups: render, video. Please add user to these groups.';
  const quoting =
    '/opt/rocm/libexec/amdsmi_cli/BDF.py:126: SyntaxWarning: invalid escape sequence \'\\.\'\n  bdf_regex = "error|failed"';
  const trace = `Traceback (most recent call last):
  File "/opt/rocm/bin/amd-smi", line 33, in <module>
    from amdsmi_errors import AmdSmiError
  File "/opt/rocm/libexec/amdsmi_cli/amdsmi_init.py", line 120, in init
    raise AmdSmiLibraryException(ret)
          ^^^^^^^^^^^^^^^^^^^^^^`;
  test.each([
    [`${loader}\nERROR:root:Unable to get devices`, 'ERROR:root:Unable to get devices'],
    [groups, groups],
    [
      `${groups}\n${trace}\nModuleNotFoundError: No module named 'amdsmi'`,
      "ModuleNotFoundError: No module named 'amdsmi'",
    ],
    [
      `${groups}\n${trace}\namdsmi.AmdSmiLibraryException: Error code:\n\t10 | AMDSMI_STATUS_NO_PERM - Permission Denied\n`,
      groups,
    ],
    [
      `${trace}\namdsmi_exception.AmdSmiLibraryException: Error code:\n\t34 | AMDSMI_STATUS_DRIVER_NOT_LOADED - Driver not loaded\n`,
      'amdsmi_exception.AmdSmiLibraryException: Error code: 34 | AMDSMI_STATUS_DRIVER_NOT_LOADED - Driver not loaded',
    ],
    [
      `${trace}\nKeyError: 'x'\n\nDuring handling of the above exception, another exception occurred:\n\n${trace}\nOSError: libamd_smi.so: cannot open shared object file\n`,
      'OSError: libamd_smi.so: cannot open shared object file',
    ],
    [
      `${quoting}\nDriver not initialized (amdgpu not found in modules)`,
      'Driver not initialized (amdgpu not found in modules)',
    ],
    [
      `${quoting}\n${trace}\nAttributeError: no amdsmi_get_gpu_kfd_info`,
      'AttributeError: no amdsmi_get_gpu_kfd_info',
    ],
    [
      'usage: amd-smi metric [-h]\namd-smi metric: error: unrecognized arguments: --usage',
      'amd-smi metric: error: unrecognized arguments: --usage',
    ],
    [quoting, 'exit code 1'],
  ])('%j fails because of %j', (text, reason) => {
    expect(parseAmdSmi({ metric: text, metricCode: 1, static: '' }).failure?.detail).toBe(
      `amd-smi: ${reason}`,
    );
  });

  test('a table where JSON was asked for, as of a wrapper', () => {
    const human =
      '+------------------------------------------------------------------------------+\n| AMD-SMI 26.2.1+fc0010cf6a    amdgpu version: Linuxver ROCm version: 7.2.0    |\n';
    const rocm = '\n\n======================= ROCm System Management Interface =======================\n';
    for (const { failure } of [
      parseAmdSmi({ metric: human, metricCode: 0, static: '' }),
      parseRocmSmi(rocm, 0),
    ])
      expect(failure?.detail).toContain('prints a table for people');
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
