import { expect, test } from 'vitest';
import { localName, localUrl } from '#common/forward-name.ts';

const target = { hostId: 'gpu-01', remotePort: 8000, remoteHost: null, remoteSocket: null, label: null };

test('a forward is called as its label, in the letters of a host name', () => {
  expect(localName({ ...target, label: 'Qwen3 32B (best)' })).toBe('qwen3-32b-best');
  expect(localName({ ...target, label: 'Écran' })).toBe('ecran');
  expect(localName({ ...target, label: `${'a'.repeat(62)} b` })).toBe('a'.repeat(62));
});

test('without one it is called by its host and target', () => {
  expect(localName(target)).toBe('gpu-01-8000');
  expect(localName({ ...target, label: 'Квен' })).toBe('gpu-01-8000');
  expect(localName({ ...target, remoteHost: 'node7' })).toBe('gpu-01-node7-8000');
  expect(localName({ ...target, remotePort: null, remoteSocket: '/run/vllm.sock' })).toBe(
    'gpu-01-run-vllm-sock',
  );
});

test('its address is at the port of the gateway', () => {
  expect(localUrl({ ...target, label: 'qwen' }, 16_000)).toBe('http://qwen.localhost:16000/v1');
});
