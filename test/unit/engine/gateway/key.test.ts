import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createGatewayKey } from '#engine/gateway/key.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'vllm-tray-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return join(path, 'data');
}

it('is made once, closed to others, and kept until it is renewed', () => {
  const data = folder();
  const key = createGatewayKey(data).get();
  expect(key).toMatch(/^[\w-]{43}$/);
  expect(createGatewayKey(data).get()).toBe(key);
  const renewing = createGatewayKey(data);
  const renewed = renewing.renew();
  expect(renewed).not.toBe(key);
  expect([renewing.get(), createGatewayKey(data).get()]).toEqual([renewed, renewed]);
  const file = join(data, 'gateway-key');
  expect(readFileSync(file, 'utf8')).toBe(`${renewed}\n`);
  if (process.platform !== 'win32') {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(data).mode & 0o777).toBe(0o700);
  }
});

it.skipIf(process.platform === 'win32')('is refused in a file that others can read', () => {
  const data = folder();
  createGatewayKey(data).get();
  writeFileSync(join(data, 'open'), '');
  const file = join(data, 'gateway-key');
  rmSync(file);
  writeFileSync(file, 'x'.repeat(43), { mode: 0o644 });
  expect(() => createGatewayKey(data).get()).toThrow(expect.objectContaining({ code: 'token-file' }));
});

it('lasts as long as the engine where there is no folder', () => {
  const key = createGatewayKey(null);
  const first = key.get();
  expect(key.get()).toBe(first);
  expect(createGatewayKey(null).get()).not.toBe(first);
  expect(key.renew()).not.toBe(first);
});
