import { expect, test } from 'vitest';
import { lastPart } from '#common/cut.ts';
import { donePct, gpuKinds } from '../../../renderer/lib/format.ts';
import { gpu, host } from '../samples.ts';

test('numbers and names as people read them', () => {
  expect(donePct({ done: 199, total: 200 })).toBe(99);
  expect(donePct({ done: 0, total: 0 })).toBe(100);
  expect(lastPart('meta-llama/Llama-3.1-8B')).toBe('Llama-3.1-8B');
  expect(lastPart('gemma3:27b')).toBe('gemma3:27b');
  expect(lastPart('/')).toBe('/');
  const gpus = [gpu(0), gpu(1), gpu(2, { name: 'Tesla V100' })];
  expect(gpuKinds(host('a', 0, 0, { gpus }))).toBe('2 × H100 80GB HBM3, 1 × Tesla V100');
});
