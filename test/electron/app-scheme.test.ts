import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { isOwnUrl, registerAppScheme, serveRenderer, startUrl } from '../../main/electron/app-scheme.ts';
import { protocol, resetDouble } from './double.ts';
import { createRoot, index } from './face.ts';

vi.mock('electron', () => import('./double.ts'));

let folder: Awaited<ReturnType<typeof createRoot>>;

beforeEach(async () => {
  resetDouble();
  folder = await createRoot();
  await serveRenderer(path.join(folder.root, 'dist', 'renderer'), protocol as never);
});
afterEach(() => folder.remove());

async function request(url: string, method = 'GET'): Promise<Response> {
  const handler = protocol.handlers.get('app');
  if (handler === undefined) throw new Error('the scheme is not served');
  return handler(new Request(url, { method }));
}

it('is a secure standard scheme that cannot be fetched and bypasses nothing', () => {
  registerAppScheme();
  expect(protocol.privileged).toEqual([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: false, stream: false } },
  ]);
});

it('serves the built window with its types', async () => {
  const page = await request(startUrl);
  expect(await page.text()).toBe(index);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const script = await request('app://vllm-tray/assets/index-1a2b.js?x#y');
  expect(script.status).toBe(200);
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
});

it('lets a page load nothing but the app itself', async () => {
  const { headers } = await request(startUrl);
  const policy = new Map(
    (headers.get('content-security-policy') ?? '').split('; ').map((rule) => {
      const [name = '', ...values] = rule.split(' ');
      return [name, values.join(' ')];
    }),
  );
  expect(policy.get('default-src')).toBe("'none'");
  expect(policy.get('script-src')).toBe("'self'");
  expect(policy.get('style-src')).toBe("'self'");
  expect(policy.has('connect-src')).toBe(false);
  expect([...policy.values()].join(' ')).not.toMatch(/unsafe|\*|https?:/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

it.each([
  'app://vllm-tray/',
  'app://vllm-tray/missing.html',
  'app://vllm-tray/assets',
  'app://vllm-tray/assets/index-1a2b.js.map',
  'app://vllm-tray/.stamp',
  'app://vllm-tray/../../package.json',
  'app://vllm-tray/..%2f..%2fpackage.json',
  'app://vllm-tray/%2e%2e/%2e%2e/index.html.js',
  'app://vllm-tray/assets/..%5cindex.html',
  'app://vllm-tray//etc/passwd',
  'app://vllm-tray/index.html%00.js',
  'app://other/index.html',
  'app://vllm-tray:80/index.html',
])('does not know %s', async (url) => {
  const response = await request(url);
  expect(response.status).toBe(404);
  expect(await response.text()).toBe('');
  expect(response.headers.has('content-security-policy')).toBe(true);
});

it('only answers GET', async () => {
  expect((await request(startUrl, 'POST')).status).toBe(405);
});

it('tells its own addresses from others', () => {
  expect(isOwnUrl('app://vllm-tray/index.html')).toBe(true);
  for (const url of ['app://vllm-tray.evil/', 'https://vllm-tray/', 'app:vllm-tray', 'nonsense']) {
    expect(isOwnUrl(url), url).toBe(false);
  }
});

it('says when there is no built window', async () => {
  const empty = await mkdtemp(path.join(tmpdir(), 'vllm-tray-electron-'));
  await expect(serveRenderer(empty, protocol as never)).rejects.toThrow('there is no index.html in');
  await rm(empty, { recursive: true });
});
