import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSharedFile } from '#engine/files/shared-file.ts';

let folder: string;
let path: string;
const stored = () => JSON.parse(readFileSync(path, 'utf8'));
const put = (key: string, value: unknown) => (state: object | null) => ({ ...state, [key]: value });

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'vt-shared-')), 'vllm-tray');
  path = join(folder, 'config.json');
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

it('is for the user alone, as is its folder, also where they were open before', async () => {
  mkdirSync(folder, { mode: 0o755 });
  writeFileSync(path, '{"a":1}', { mode: 0o644 });
  await openSharedFile(path).change(put('b', 2));
  expect(stored()).toEqual({ a: 1, b: 2 });
  expect([statSync(path).mode & 0o777, statSync(folder).mode & 0o777]).toEqual([0o600, 0o700]);
});

it('makes nothing before something is to be kept', () => {
  expect(openSharedFile(path).read()).toBeNull();
  expect(readdirSync(join(folder, '..'))).toEqual([]);
});

it('is read with a byte order mark at its beginning, as some shells write it', () => {
  mkdirSync(folder);
  writeFileSync(path, '\ufeff{"theme": "dark"}\r\n');
  const file = openSharedFile(path);
  expect([file.read(), file.trouble()]).toEqual([{ theme: 'dark' }, null]);
});

it('stays a link where it is one', async () => {
  mkdirSync(folder);
  const real = join(folder, '..', 'dotfiles.json');
  writeFileSync(real, '{}');
  symlinkSync(real, path);
  await openSharedFile(path).change(put('a', 1));
  expect(JSON.parse(readFileSync(real, 'utf8'))).toEqual({ a: 1 });
});

it('is rid at the start of what a crash has left beside it, and of nothing else', async () => {
  mkdirSync(folder);
  const left = ['config.json.tmp-1764441234abcdef', 'config.json.new', 'config.json.lock.tmp-1-ab'];
  const others = ['config.json', 'config.json.broken', 'state.json.tmp-1', 'notes.tmp-1'];
  for (const name of [...left, ...others]) writeFileSync(join(folder, name), '{}');
  await openSharedFile(path).settle();
  expect(readdirSync(folder).sort()).toEqual([...others].sort());
});

it('keeps a change that cannot be written, and writes it with the next one', async () => {
  writeFileSync(folder, '');
  const file = openSharedFile(path);
  await expect(file.change(put('a', 1))).rejects.toThrow(/EEXIST|ENOTDIR/);
  expect(file.read()).toEqual({ a: 1 });
  await rm(folder);
  await file.change(put('b', 2));
  expect(stored()).toEqual({ a: 1, b: 2 });
});

it('holds many such changes as one', async () => {
  writeFileSync(folder, '');
  const file = openSharedFile(path);
  for (let n = 0; n < 500; n += 1) await file.change(put('n', n)).catch(() => undefined);
  expect(file.read()).toEqual({ n: 499 });
});
