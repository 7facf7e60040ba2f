import { afterEach, expect, test, vi } from 'vitest';
import { chooseFace } from '../../renderer/transport/choose.ts';

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

test('in a browser a WebSocket to the same origin does, without anything of the address bar but its path', () => {
  const opened: string[] = [];
  vi.stubGlobal(
    'WebSocket',
    class extends EventTarget {
      constructor(url: string) {
        super();
        opened.push(url);
      }
    },
  );
  const page = (href: string) => ({ location: { href } }) as unknown as Window;
  expect(chooseFace(page('http://127.0.0.1:4210/?token=secret#models')).kind).toBe('browser');
  chooseFace(page('https://jump.example.org/index.html'));
  expect(opened).toEqual(['ws://127.0.0.1:4210/socket', 'wss://jump.example.org/socket']);
});
