import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCudaVersion, parseHostSystem } from '#engine/probe/host-system.ts';
import { describeFixtures } from './fixtures.ts';

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

test('nothing, and anything at all', () => {
  expect(parseHostSystem('')).toEqual({ cpuCount: null, load1: null, memTotalMiB: null, memUsedMiB: null });
  for (let length = 0; length <= text.length; length += 1) parseHostSystem(text.slice(0, length));
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (any) => {
      parseHostSystem(any);
      parseCudaVersion(any);
    }),
  );
  parseCudaVersion(`CUDA Version${' '.repeat(10_000_000)}`);
});

describeFixtures('nvidia', (files) => {
  test.each(files.filter(({ name }) => /^(?:table|q)_/.test(name)))('$name', ({ name, text: printed }) => {
    const version = parseCudaVersion(printed);
    // The one is an excerpt; the other begins with other text.
    if (!name.includes('partial') && !name.includes('repeated')) expect(version).toMatch(/^1[1-3]\.\d$/);
  });
});
