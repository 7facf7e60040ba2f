import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readStaticFiles, withKey } from '../../../main/web/static-files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-static-'));
  await mkdir(path.join(folder, 'assets'));
  const files = { 'index.html': '<head></head>', 'assets/a-1.js': 'x', 'assets/b c.wasm': 'y' };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));

it('serves what was built, by its address, and nothing else', async () => {
  const files = await readStaticFiles(folder);
  expect([...files.keys()].toSorted()).toEqual(['/', '/assets/a-1.js', '/assets/b%20c.wasm', '/index.html']);
  expect(files.get('/')).toBe(files.get('/index.html'));
});

it('a file whose name changes with its content is kept by the browser, the page never', async () => {
  const files = await readStaticFiles(folder);
  const headersOf = (name: string) => files.get(name)?.headers;
  expect(headersOf('/')).toEqual({ 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' });
  expect(headersOf('/assets/a-1.js')).toMatchObject({
    'Content-Type': 'text/javascript; charset=utf-8',
    'Cache-Control': expect.stringContaining('immutable'),
  });
  expect(headersOf('/assets/b%20c.wasm')?.['Content-Type']).toBe('application/octet-stream');
});

it('the key stands in the text of the page, literally', () => {
  expect(withKey(Buffer.from('<html><head><title>'), 'k$&1')).toMatch(
    /^<html><head><meta name="[^"]+" content="k\$&1"><title>$/,
  );
});
