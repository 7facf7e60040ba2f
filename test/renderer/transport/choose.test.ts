import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { chooseFace } from '../../../renderer/transport/choose.ts';
import { takeSocketKey } from '../../../renderer/transport/socket-key.ts';

afterEach(() => vi.unstubAllGlobals());

test('in the desktop app the preload carries the contract', async () => {
  const request = vi.fn(async () => ({ ok: true as const, value: null }));
  const on = vi.fn(() => () => undefined);
  const page = { vllmTray: { request, on } } as unknown as Window;
  const { kind, transport } = chooseFace(page);
  expect(kind).toBe('desktop');
  expect(await transport.request('scan.cancel', {})).toEqual({ ok: true, value: null });
  expect(request).toHaveBeenCalledWith('scan.cancel', {});
  transport.on('patch', () => undefined);
  expect(on).toHaveBeenCalledOnce();
});

describe('in a browser', () => {
  const opened: { url: string; protocols: string[] }[] = [];
  beforeEach(() => {
    opened.length = 0;
    sessionStorage.clear();
    vi.stubGlobal(
      'WebSocket',
      class extends EventTarget {
        constructor(url: string, protocols: string[]) {
          super();
          opened.push({ url, protocols });
        }
      },
    );
  });

  const page = (href: string, key: string | null = null) => {
    const { pathname, hash } = new URL(href);
    const replaceState = vi.fn();
    const querySelector = () => (key === null ? null : { content: key });
    const window = { location: { href, pathname, hash }, sessionStorage, document: { querySelector } };
    return {
      page: { ...window, history: { state: null, replaceState } } as unknown as Window,
      replaceState,
    };
  };

  test('a WebSocket to the same origin carries it, without anything of the address bar but its path', () => {
    expect(chooseFace(page('http://127.0.0.1:4210/?token=secret#models').page).kind).toBe('browser');
    chooseFace(page('https://jump.example.org/index.html').page);
    expect(opened.map(({ url }) => url)).toEqual([
      'ws://127.0.0.1:4210/socket',
      'wss://jump.example.org/socket',
    ]);
  });

  test('the key is taken from the page and kept for its origin, and the token leaves the address', () => {
    const first = page('http://127.0.0.1:4210/?token=secret#models', 'key-1');
    chooseFace(first.page);
    expect(first.replaceState).toHaveBeenCalledWith(null, '', '/#models');
    chooseFace(page('http://127.0.0.1:4210/#models').page);
    expect(opened.map(({ protocols }) => protocols)).toEqual([
      ['vllm-tray', 'key-1'],
      ['vllm-tray', 'key-1'],
    ]);
  });

  test('a page that was opened without one asks the others of its origin', async () => {
    const others = new BroadcastChannel('vllm-tray-key');
    onTestFinished(() => others.close());
    const asked = new Promise((resolve) => others.addEventListener('message', resolve, { once: true }));
    const key = takeSocketKey(page('http://127.0.0.1:4210/').page);
    expect(key.current()).toBeNull();
    await asked;
    others.postMessage('key-2');
    await vi.waitFor(() => expect(key.current()).toBe('key-2'));
  });
});
