// @vitest-environment node
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const outDir = mkdtempSync(path.join(tmpdir(), 'window-'));
const read = (file: string) => readFileSync(path.join(outDir, file), 'utf8');
let assets: readonly string[] = [];

beforeAll(() => {
  const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const config = path.join(root, 'build', 'vite.config.ts');
  execFileSync(process.execPath, [
    vite,
    'build',
    '--config',
    config,
    '--outDir',
    outDir,
    '--logLevel',
    'error',
  ]);
  assets = readdirSync(path.join(outDir, 'assets')).map((name) => `assets/${name}`);
});
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

test('the page needs nothing that a strict content security policy forbids', () => {
  const html = read('index.html');
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:|data:/i);
  const scripts = html.match(/<script[^>]*>[^<]*/g) ?? [];
  expect(scripts).toHaveLength(1);
  expect(scripts[0]).toMatch(/src="\.\/assets\/[^"]+\.js">$/);
  expect(html).not.toMatch(/(src|href)="(?!\.\/)/);
});

test('it is the production half of React even when built from a test run, and small', () => {
  expect(process.env.NODE_ENV).toBe('test');
  const scripts = assets.filter((name) => name.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) expect(read(script).includes('React DevTools'), script).toBe(false);
  const gzippedBytes = (names: readonly string[]) =>
    names.reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
  expect(gzippedBytes(assets)).toBeLessThan(300_000);
  // The other views, the dialogs and the charts come after the first paint.
  const first = assets.filter((name) => read('index.html').includes(name));
  expect(gzippedBytes(first)).toBeLessThan(200_000);
  for (const part of [
    'ModelsView',
    'ForwardsView',
    'SettingsView',
    'DiagnosticsView',
    'ServeDialog',
    'Palette',
  ])
    expect(
      first.some((name) => name.includes(part)),
      part,
    ).toBe(false);
  expect(scripts.some((name) => name.startsWith('assets/Plot-'))).toBe(true);
});

test('nothing of the development server is in it', () => {
  const texts = [read('index.html'), ...assets.map(read)];
  for (const text of texts) expect(text).not.toMatch(/gallery|@vite|react-refresh|vllm-tray-key"\s/i);
});
