import { describe, expect, test } from 'vitest';
import { parseRocmPids, parseRocmSmi } from '#engine/probe/rocm-smi.ts';

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
