import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noDetails } from '#engine/probe/tools/gpu-reading.ts';
import {
  gpuColumns,
  invalidColumn,
  parseCudaVersion,
  parseGpus,
  withoutColumn,
} from '#engine/probe/tools/nvidia-smi.ts';

const header =
  'index, uuid, name, utilization.gpu [%], memory.used [MiB], memory.total [MiB], temperature.gpu, power.draw [W], driver_version, mig.mode.current';
const good = '0, GPU-aaa, NVIDIA H100 80GB HBM3, 100, 19818, 81559, 61, 698.12, 550.54.15, Disabled';
const idle = '1, GPU-bbb, NVIDIA H100 80GB HBM3, 0, 4, 81559, 33, 74.01, 550.54.15, Disabled';

const loader =
  "ERROR: ld.so: object '/opt/site/libnvidia-hook.so' from LD_PRELOAD cannot be preloaded (failed to map segment from shared object): ignored.";

describe('a sample', () => {
  test('as the driver prints it', () => {
    const { gpus, driverVersion, failure } = parseGpus(`${header}\n${good}\n${idle}\n`, 0);
    expect(failure).toBeNull();
    expect(driverVersion).toBe('550.54.15');
    expect(gpus.map((gpu) => gpu.index)).toEqual([0, 1]);
    expect(gpus[0]).toEqual({
      vendor: 'nvidia',
      index: 0,
      uuid: 'GPU-aaa',
      name: 'NVIDIA H100 80GB HBM3',
      utilPct: 100,
      memUsedMiB: 19_818,
      memTotalMiB: 81_559,
      temperatureC: 61,
      powerW: 698.12,
      unifiedMemory: false,
      instances: null,
      details: noDetails,
      processes: [],
      problem: null,
    });
  });

  test('with CRLF, without spaces, with units, with a repeated header and text before it', () => {
    const texts = [
      `${header}\r\n${good}\r\n`,
      `${header}\n${good}`.replaceAll(', ', ','),
      `${header}\n${good.replace('100,', '100 %,').replace('19818', '19818 MiB').replace('81559', '81559 MiB').replace('698.12', '698.12 W')}`,
      `${header}\n${good.replace(' 100,', ' 3,')}\n${header}\n${good}\n`,
      `${loader}\nsh: warning: setlocale: LC_ALL: cannot change locale (en_US)\n${header}\n${good}\n`,
      `Lmod has failed to load: tools/1.2\n${header}\n${good}\n`,
      `Loading module cuda/12.4\n${header}\n${good}\n`,
    ];
    for (const text of texts) {
      const { gpus, failure } = parseGpus(text, 0);
      expect(failure).toBeNull();
      expect(gpus).toEqual(parseGpus(`${header}\n${good}\n`, 0).gpus);
    }
  });

  test('with the columns in another order, and some of them missing', () => {
    const { gpus } = parseGpus('memory.used [MiB], name, index\n5, Tesla T4, 3\n', 0);
    expect(gpus).toMatchObject([
      { index: 3, name: 'Tesla T4', memUsedMiB: 5, memTotalMiB: null, utilPct: null },
    ]);
  });

  test('without a header: the columns are those that were asked for', () => {
    expect(parseGpus(`${good}\n`, 0, gpuColumns.slice(0, 10)).gpus).toEqual(
      parseGpus(`${header}\n${good}\n`, 0).gpus,
    );
  });

  test.each(['N/A', '[N/A]', '[Not Supported]', '[Insufficient Permissions]', '', '12345678901234'])(
    'an unknown number %j is null and no problem',
    (cell) => {
      const row = `0, GPU-a, A100, ${cell}, ${cell}, ${cell}, ${cell}, ${cell}, 535.1, [N/A]`;
      expect(parseGpus(`${header}\n${row}`, 0).gpus).toMatchObject([
        {
          utilPct: null,
          memUsedMiB: null,
          memTotalMiB: null,
          temperatureC: null,
          powerW: null,
          problem: null,
        },
      ]);
    },
  );

  test('MIG: utilisation is null even where a number is printed', () => {
    const row = good.replace('Disabled', 'Enabled');
    expect(parseGpus(`${header}\n${row}`, 0).gpus).toMatchObject([
      { utilPct: null, memUsedMiB: 19_818, instances: [] },
    ]);
  });

  test('what is in the details', () => {
    const titles = `${header}, power.limit [W], fan.speed [%], clocks.current.sm [MHz], clocks.current.memory [MHz], ecc.errors.uncorrected.volatile.total, clocks_event_reasons.active, pci.bus_id`;
    const row = `${good}, 700.00, [N/A], 1980, 2619, 3, 0x00000000000000E4, 00000000:65:00.0`;
    expect(parseGpus(`${titles}\n${row}`, 0).gpus[0]?.details).toEqual({
      powerLimitW: 700,
      fanPct: null,
      smClockMHz: 1980,
      memClockMHz: 2619,
      eccUncorrected: 3,
      throttleReasons: ['power cap', 'thermal', 'hardware thermal', 'power brake'],
      pciBusId: '00000000:65:00.0',
    });
    const older = titles.replace('clocks_event', 'clocks_throttle');
    const reasons = (mask: string) =>
      parseGpus(`${older}\n${row.replace('E4', mask)}`, 0).gpus[0]?.details.throttleReasons;
    expect(reasons('18')).toEqual(['hardware slowdown', 'sync boost']);
    // Idleness, the application's clocks, the display's clocks.
    for (const harmless of ['00', '01', '02', '0100']) expect(reasons(harmless)).toEqual([]);
    expect(reasons('zz')).toEqual([]);
  });

  test.each([
    ['0, GPU-a, NVIDIA GB10, 7, [N/A], [N/A], 40, 11.2, 580.1, [N/A]', true],
    ['0, GPU-a, NVIDIA Thor, 7, [Not Supported], [N/A], [N/A], [N/A], 580.1, [N/A]', true],
    ['0, GPU-a, Orin (nvgpu), [N/A], [N/A], [N/A], [N/A], [N/A], 540.4.0, [N/A]', true],
    ['0, GPU-a, NVIDIA A100, [N/A], [N/A], [N/A], [N/A], [N/A], 580.1, [N/A]', false],
    ['0, GPU-a, NVIDIA A100, 7, [Insufficient Permissions], [N/A], 40, 11.2, 580.1, [N/A]', false],
    ['0, GPU-a, NVIDIA GB10, 7, [Unknown Error], [N/A], 40, 11.2, 580.1, [N/A]', false],
    [good, false],
  ])('memory shared with the host: %s is %s', (row, shared) => {
    expect(parseGpus(`${header}\n${row}`, 0).gpus[0]?.unifiedMemory).toBe(shared);
  });

  test('a lost GPU prints why in place of everything', () => {
    const row = Array.from({ length: 17 }, () => '[GPU is lost]')
      .with(0, '1')
      .join(', ');
    expect(parseGpus(row, 15).gpus).toMatchObject([
      {
        index: 1,
        uuid: 'nvidia-1',
        name: 'unknown GPU',
        memUsedMiB: null,
        problem: 'GPU is lost',
        details: { powerLimitW: null, throttleReasons: [], pciBusId: null },
      },
    ]);
  });

  test('by the other names of the columns, and by the one that says something', () => {
    const titles =
      'index, gpu_uuid, gpu_name, clocks.sm [MHz], clocks.mem [MHz], gpu_bus_id, power.draw [W], power.draw.average [W], power.draw.instant [W], clocks_throttle_reasons.active';
    const row = '0, GPU-a, GH200, 1980, 2619, 0000:01:00.0, [N/A], [N/A], 97.5, 0x0000000100000008';
    expect(parseGpus(`${titles}\n${row}`, 0).gpus).toMatchObject([
      {
        uuid: 'GPU-a',
        name: 'GH200',
        powerW: 97.5,
        details: {
          smClockMHz: 1980,
          memClockMHz: 2619,
          pciBusId: '0000:01:00.0',
          throttleReasons: ['hardware slowdown'],
        },
      },
    ]);
  });

  test('each GPU has a UUID of its own, whatever the column says', () => {
    const rows = [
      '0, GPU-same',
      '1, GPU-same',
      '2, [Unknown Error]',
      '3, [GPU is lost]',
      '4, [N/A]',
      '5, a b',
    ];
    expect(parseGpus(`index, uuid\n${rows.join('\n')}`, 0).gpus.map(({ uuid }) => uuid)).toEqual([
      'GPU-same',
      'nvidia-1',
      'nvidia-2',
      'nvidia-3',
      'nvidia-4',
      'nvidia-5',
    ]);
    expect(parseGpus('index, name\n7, T4', 0).gpus[0]?.uuid).toBe('nvidia-7');
  });

  test('one broken GPU says what is wrong and hides no other', () => {
    const reset =
      '1, GPU-bbb, NVIDIA H100, [GPU requires reset], 4, 81559, [GPU requires reset], 3, 550.54.15, Disabled';
    const error = '2, GPU-ccc, NVIDIA H100, ERR!, ERR!, ERR!, ERR!, ERR!, 550.54.15, Disabled';
    const unknown =
      '3, GPU-ddd, NVIDIA H100, [Unknown Error], [Unknown Error], 81559, 30, 70, 550.54.15, Disabled';
    const sensor = '4, GPU-eee, NVIDIA H100, 3, 4, 81559, [Unknown Error], ERR!, 550.54.15, Disabled';
    const { gpus, failure } = parseGpus([header, good, reset, error, unknown, sensor].join('\n'), 0);
    expect(failure).toBeNull();
    expect(gpus.map((gpu) => gpu.problem)).toEqual([
      null,
      'GPU requires reset',
      'ERR!',
      'Unknown Error',
      null,
    ]);
    expect(gpus[4]).toMatchObject({ utilPct: 3, temperatureC: null, powerW: null });
  });

  test('a lost GPU beside good ones: those are shown, and the failure too', () => {
    const lost =
      'Unable to determine the device handle for GPU 0000:02:00.0: GPU is lost.  Reboot the system to recover this GPU';
    const { gpus, failure } = parseGpus(`${header}\n${good}\n${lost}\n`, 15);
    expect(gpus).toHaveLength(1);
    expect(failure).toMatchObject({
      code: 'gpu-tool-failed',
      detail: expect.stringContaining('GPU is lost'),
    });
  });

  test('the same index twice, as where a wrapper joins hosts: both GPUs, and the failure that says so', () => {
    const other = idle.replace('1,', '0,');
    for (const text of [`${header}\n${good}\n${other}\n`, `${header}\n${good}\n${header}\n${other}\n`]) {
      const { gpus, failure } = parseGpus(text, 0);
      expect(gpus).toMatchObject([
        { index: 0, uuid: 'GPU-aaa', utilPct: 100 },
        { index: 0, uuid: 'GPU-bbb', utilPct: 0 },
      ]);
      expect(failure).toMatchObject({
        code: 'gpu-tool-failed',
        detail: expect.stringContaining('lists GPU 0 more than once'),
      });
    }
    const unnamed = `${header}\n${good.replace('GPU-aaa', '[N/A]')}\n${other.replace('GPU-bbb', '[N/A]')}\n`;
    expect(new Set(parseGpus(unnamed, 0).gpus.map(({ uuid }) => uuid)).size).toBe(2);
    expect(parseGpus(unnamed, 0).failure?.code).toBe('gpu-tool-failed');
  });

  test('any rows in any order: no GPU is lost, and none is without a UUID of its own', () => {
    const rows = fc.array(fc.record({ index: fc.nat(3), uuid: fc.nat(6) }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(rows, (some) => {
        const text = some
          .map(({ index, uuid }) => good.replace('0, GPU-aaa', `${index}, GPU-${uuid}`))
          .join('\n');
        const { gpus, failure } = parseGpus(`${header}\n${text}`, 0);
        const distinct = new Set(some.map(({ index, uuid }) => `${index} ${uuid}`));
        expect(gpus).toHaveLength(distinct.size);
        expect(new Set(gpus.map(({ uuid }) => uuid)).size).toBe(distinct.size);
        const indexes = new Set(some.map(({ index }) => index));
        expect(failure === null).toBe(indexes.size === distinct.size);
      }),
    );
  });

  test('the warning of a broken infoROM is no failure', () => {
    const text = `${header}\n${good}\nWARNING: infoROM is corrupted at gpu 0000:65:00.0\n`;
    expect(parseGpus(text, 14)).toMatchObject({ gpus: [{ index: 0, problem: null }], failure: null });
  });
});

const table = `Fri Nov 28 12:00:00 2026
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 550.54.15              Driver Version: 550.54.15      CUDA Version: 12.4     |
|-----------------------------------------+------------------------+----------------------+
| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |
|   0  NVIDIA H100 80GB HBM3          On  |   00000000:19:00.0 Off |                    0 |
`;

describe('a failure', () => {
  test.each([
    ['', 127, 'no-gpu-tool', ''],
    ['No devices were found\n', 6, 'no-gpu-devices', ''],
    [`${header}\n`, 0, 'no-gpu-devices', ''],
    [
      'Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 550.54\n',
      18,
      'gpu-tool-failed',
      'Driver/library version mismatch',
    ],
    [
      "\nNVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n\n",
      9,
      'gpu-tool-failed',
      "couldn't communicate",
    ],
    [
      'nvidia-smi: error while loading shared libraries: libnvidia-ml.so.1\n',
      127,
      'gpu-tool-failed',
      'libnvidia',
    ],
    ['', 3, 'gpu-tool-failed', 'exit code 3'],
    [
      'Unable to determine the device handle for GPU0: 0000:0B:00.0: Unknown Error\nNo devices were found\n',
      6,
      'gpu-tool-failed',
      'Unknown Error',
    ],
    [
      `${loader}\nFailed to initialize NVML: Unknown Error\n`,
      255,
      'gpu-tool-failed',
      'Failed to initialize NVML',
    ],
    [`${loader}\nNo devices were found\n`, 6, 'no-gpu-devices', ''],
    [`${loader}\n${header}\n`, 0, 'no-gpu-devices', ''],
    [`${loader}\n`, 127, 'no-gpu-tool', ''],
    [table, 0, 'gpu-tool-failed', 'prints a table for people'],
    ['\u001b[31mgarbage\u0007', 0, 'gpu-tool-failed', 'garbage'],
  ])('%j with exit code %i is %s', (text, exitCode, code, detail) => {
    const { gpus, failure } = parseGpus(text, exitCode);
    expect(gpus).toEqual([]);
    expect(failure?.code).toBe(code);
    expect(failure?.detail).toContain(detail);
  });

  test('a column that the driver does not know is named', () => {
    expect(invalidColumn('Field "mig.mode.current" is not a valid field to query.\n\n')).toBe(
      'mig.mode.current',
    );
    expect(invalidColumn(header)).toBeNull();
    const older = withoutColumn(gpuColumns, 'clocks_event_reasons.active');
    expect(older).toHaveLength(gpuColumns.length);
    expect(older).toContain('clocks_throttle_reasons.active');
    expect(withoutColumn(older, 'clocks_throttle_reasons.active')).toHaveLength(gpuColumns.length - 1);
  });
});

test.each([
  ['| NVIDIA-SMI 550.54.15    Driver Version: 550.54.15    CUDA Version: 12.4     |', '12.4'],
  ['| NVIDIA-SMI 610.57.04    KMD Version: 610.57.04    CUDA UMD Version: 13.3     |', '13.3'],
  ['CUDA Version                              : 12.2', '12.2'],
  ['CUDA Version        : 13.0', '13.0'],
  ['CUDA Version: N/A', null],
  ['CUDA Version: ERR!', null],
  ['NVIDIA-SMI 390.1    Driver Version: 390.1', null],
])('the CUDA version in %j', (line, version) => {
  expect(parseCudaVersion(`Wed Dec 18 13:01:34 2024\n${line}\n`)).toBe(version);
});

describe('hostile text', () => {
  const bounded = (text: string): void => {
    for (const gpu of parseGpus(text, 0).gpus) {
      expect(gpu.name.length).toBeLessThanOrEqual(100);
      expect(gpu.utilPct === null || (gpu.utilPct >= 0 && gpu.utilPct <= 100)).toBe(true);
      expect(Number.isFinite(gpu.memUsedMiB ?? 0)).toBe(true);
    }
  };

  test('cut at every byte', () => {
    const text = `${header}\n${good}\n${idle}\n`;
    for (let length = 0; length <= text.length; length += 1) bounded(text.slice(0, length));
  });

  test('anything at all', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), bounded));
    const cell = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.constantFrom('__proto__', 'constructor', '1e999', '-1', '[]'),
    );
    fc.assert(
      fc.property(fc.array(cell, { minLength: 10, maxLength: 12 }), (cells) =>
        bounded(`${header}\n${cells}`),
      ),
    );
  });

  test('10 MB in one line', () => {
    parseCudaVersion(`CUDA Version${' '.repeat(10_000_000)}`);
    bounded('x'.repeat(10_000_000));
    bounded(`${header}\n${','.repeat(10_000_000)}`);
  });
});
