import { describe, expect, test } from 'vitest';
import { parseRocmPids, parseRocmSmi } from '#engine/probe/tools/rocm-smi.ts';

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
    expect(
      parseRocmPids('{"system": {"PID1": "a, b, 2, 1048576, 0, UNKNOWN", "PID2": "?", "PID0": "x, 1, 2"}}'),
    ).toEqual([
      { gpu: null, pid: 1, name: 'a, b', memUsedMiB: 1 },
      { gpu: null, pid: 2, name: null, memUsedMiB: null },
    ]);
  });

  test.each([
    ['gmx_mpi, 1, UNKNOWN, UNKNOWN, UNKNOWN', 'gmx_mpi', null],
    ['UNKNOWN, UNKNOWN, 0, 0, UNKNOWN', null, 0],
    ['tool, 2, 1, 1048576, 0, 5', 'tool, 2', 1],
    ['x, N/A, N/A, N/A, N/A', 'x', null],
    ['x, 1, 2097152', 'x', 2],
  ])('the process %j is %j with %j MiB', (entry, name, memUsedMiB) => {
    const text = JSON.stringify({ system: { PID55573: entry } });
    expect(parseRocmPids(text)).toEqual([{ gpu: null, pid: 55_573, name, memUsedMiB }]);
  });

  const carveOut = { 'VRAM Total Memory (B)': '536870912', 'VRAM Total Used Memory (B)': '512753664' };
  const lowPower =
    'WARNING: AMD GPU device(s) is/are in a low-power state. Check power control/runtime_status\n';
  test.each([
    [{ ...carveOut, 'GFX Version': 'gfx1151' }, true],
    [{ 'VRAM Total Memory (B)': '17179869184', 'GFX Version': 'gfx1103' }, true],
    [{ ...carveOut, 'Card Series': 'Raphael' }, true],
    [{ 'VRAM Total Memory (B)': '4294967296', 'Device Name': 'Phoenix3' }, true],
    [{ 'VRAM Total Memory (B)': '4294967296', 'Card series': 'AMD Radeon Graphics' }, true],
    [carveOut, true],
    [
      {
        'VRAM Total Memory (B)': '25753026560',
        'GFX Version': 'gfx1100',
        'Card Series': 'Radeon RX 7900 XTX',
      },
      false,
    ],
    [{ 'VRAM Total Memory (B)': '25753026560' }, false],
    [{ 'VRAM Total Memory (B)': '17179869184', 'Card Series': 'Radeon RX 6800M' }, false],
    [{ 'VRAM Total Memory (B)': '206141652992', 'GFX Version': 'gfx942' }, false],
    [{}, false],
  ])('memory shared with the host: %j is %j', (card, unifiedMemory) => {
    for (const warning of ['', lowPower]) {
      const [gpu] = parseRocmSmi(`${warning}${JSON.stringify({ card0: card })}`, 0).gpus;
      expect(gpu?.unifiedMemory).toBe(unifiedMemory);
      if (unifiedMemory) expect(gpu).toMatchObject({ memUsedMiB: null, memTotalMiB: null });
      else expect(gpu?.memTotalMiB === null).toBe(!('VRAM Total Memory (B)' in card));
    }
  });

  test('hosts that a wrapper joins: all of their GPUs, and the failure that says so', () => {
    const host = (use: string) => JSON.stringify({ card0: { 'GPU use (%)': use }, system: {} });
    const table = parseRocmSmi(`${host('97')}\n${host('0')}\n`, 0);
    expect(table.gpus.map(({ index, utilPct }) => [index, utilPct])).toEqual([
      [0, 97],
      [0, 0],
    ]);
    expect(new Set(table.gpus.map(({ uuid }) => uuid)).size).toBe(2);
    expect(table.failure).toMatchObject({
      code: 'gpu-tool-failed',
      detail: expect.stringContaining('GPU 0'),
    });
  });

  test.each([
    ['WARNING: No JSON data to report', 0, 'no-gpu-devices', ''],
    ['{"system": {"Driver version": "6.3.6"}}', 0, 'no-gpu-devices', ''],
    ['{"system": {}}', 2, 'gpu-tool-failed', 'rocm-smi: its JSON cannot be read'],
    [
      'ERROR:root:Driver not initialized',
      1,
      'gpu-tool-failed',
      'rocm-smi: ERROR:root:Driver not initialized',
    ],
    ['', 0, 'gpu-tool-failed', 'rocm-smi: exit code 0'],
  ])('%j with exit code %i is %s', (text, exitCode, code, detail) => {
    expect(parseRocmSmi(text, exitCode)).toMatchObject({ gpus: [], failure: { code, detail } });
  });
});
