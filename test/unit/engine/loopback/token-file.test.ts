import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTokenFile } from '#engine/loopback/token-file.ts';

const onWindows = process.platform === 'win32';
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('skipped: a token file of another user (needs root)');

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'vllm-tray-token-'));
  file = path.join(folder, 'token');
});
afterEach(() => rmSync(folder, { recursive: true }));

const secret = 'a'.repeat(43);
const refused = (detail: string) =>
  expect.objectContaining({ code: 'token-file', detail: expect.stringContaining(detail) });

describe('the token file', () => {
  it('is made for this user alone, and the same token comes out of it again', () => {
    const before = process.umask(0);
    const token = readTokenFile(file);
    process.umask(before);
    expect(token).toMatch(/^[\w-]{43}$/);
    if (!onWindows) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toBe(`${token}\n`);
    expect(readTokenFile(file)).toBe(token);
  });

  it.skipIf(onWindows).each([0o640, 0o604, 0o620, 0o602, 0o610, 0o644])('is refused with mode %o', (mode) => {
    writeFileSync(file, secret);
    chmodSync(file, mode);
    expect(() => readTokenFile(file)).toThrow(refused('open to other users'));
  });

  it.skipIf(!isRoot)('of another user is refused', () => {
    writeFileSync(file, secret, { mode: 0o600 });
    chownSync(file, 65_534, 65_534);
    expect(() => readTokenFile(file)).toThrow(refused('another user'));
  });

  it.skipIf(onWindows)('is not followed through a link, to a file or to nothing', () => {
    writeFileSync(path.join(folder, 'target'), secret, { mode: 0o600 });
    symlinkSync('target', file);
    expect(() => readTokenFile(file)).toThrow(refused('ELOOP'));
    rmSync(path.join(folder, 'target'));
    expect(() => readTokenFile(file)).toThrow(refused(''));
  });

  it.each(['', 'short', `${'a'.repeat(20)} ${'a'.repeat(20)}`, '<'.repeat(40), 'a'.repeat(300)])(
    'with %j in it is refused',
    (text) => {
      writeFileSync(file, text, { mode: 0o600 });
      expect(() => readTokenFile(file)).toThrow(refused('no usable token'));
    },
  );

  it('says what the file system says', () => {
    expect(() => readTokenFile(path.join(folder, 'none', 'token'))).toThrow(refused('ENOENT'));
    expect(() => readTokenFile(folder)).toThrow(refused(''));
  });
});
