import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHostSystem } from '#engine/probe/host-system.ts';

const text = `12.34 10.00 9.99 3/4567 890
cpus 0-127
MemTotal: 1056763172 kB
MemFree: 3000000 kB
MemAvailable: 800000000 kB
Buffers: 1000 kB
Cached: 500000 kB
`;

test('the load, the processors and the memory of a host', () => {
  expect(parseHostSystem(text)).toEqual({
    cpuCount: 128,
    load1: 12.34,
    memTotalMiB: 1_031_995,
    memUsedMiB: 250_745,
  });
});

test('a kernel without MemAvailable, and processors that are offline', () => {
  const old = text.replace(/MemAvailable.*\n/, '').replace('0-127', '0,2-3,8');
  expect(parseHostSystem(old)).toMatchObject({ cpuCount: 4, memUsedMiB: 1_028_576 });
});

test.each([
  ['0', 1],
  ['0-7,16-23', 16],
  ['', null],
  ['7-3', null],
  ['0-7,9-3', null],
  ['0-99999999', null],
  ['x', null],
])('the processors %j are %s', (online, count) => {
  expect(parseHostSystem(text.replace('0-127', online)).cpuCount).toBe(count);
});

test('nothing, and anything at all', () => {
  expect(parseHostSystem('')).toEqual({ cpuCount: null, load1: null, memTotalMiB: null, memUsedMiB: null });
  for (let length = 0; length <= text.length; length += 1) parseHostSystem(text.slice(0, length));
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (any) => void parseHostSystem(any)));
});
