import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { deviceSelections, gpuToolNames } from '#common/gpu-tools.ts';
import { gpuTools } from '#engine/probe/tools/registry.ts';

test('every tool has an adapter under its own name, its part and its place in the order', () => {
  expect(gpuTools.map(({ program }) => program)).toEqual([...gpuToolNames]);
  expect(new Set(gpuTools.map(({ part }) => part)).size).toBe(gpuTools.length);
  for (const { part, shell, vendor } of gpuTools) {
    expect(shell.gpus).toContain(` ${part} `);
    expect(part).toMatch(/^[a-z]+$/);
    expect(deviceSelections[vendor].variable).toMatch(/^[A-Z_]+$/);
  }
});

const main = new URL('../../../../../main/', import.meta.url);

test('nothing names a GPU tool but its adapters, the list of their names and the demo', () => {
  const naming = readdirSync(main, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter(
      (path) => path.endsWith('.ts') && !path.startsWith('demo/') && !path.startsWith('engine/probe/tools/'),
    )
    .filter((path) => gpuToolNames.some((name) => readFileSync(new URL(path, main), 'utf8').includes(name)));
  expect(naming).toEqual(['common/gpu-tools.ts']);
});
