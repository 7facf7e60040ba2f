import { expect, it } from 'vitest';
import type { Source } from '#common/snapshot.ts';
import { mayAsk } from '#engine/sources/prometheus/allowed.ts';

const demo = { kind: 'demo' } as Source;
const own: Source = { kind: 'ssh-config', path: '/home/me/.ssh/config' } as Source;

it.each([
  ['http://127.0.0.1:9090', true],
  ['http://127.1.2.3', true],
  ['http://localhost:9090/prometheus', true],
  ['http://[::1]:9090', true],
  ['http://prometheus.example:9090', false],
  ['https://10.0.0.1', false],
  ['http://127.0.0.1.example.com', false],
  ['http://localhost.example.com:9090', false],
])('beside the demo cluster %s: %s', (url, allowed) => {
  expect(mayAsk({ url }, demo)).toBe(allowed);
  expect(mayAsk({ url }, own)).toBe(true);
});
