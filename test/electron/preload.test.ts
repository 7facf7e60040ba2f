import { beforeEach, expect, it, vi } from 'vitest';
import { callNames } from '#common/contract.ts';
import '../../preload/preload.ts';
import type { WindowTransport } from '../../preload/preload.ts';
import { contextBridge, ipcMain, ipcRenderer, resetDouble } from './double.ts';

vi.mock('electron', () => import('./double.ts'));

const transport = contextBridge.exposed.get('vllmTray') as WindowTransport;

beforeEach(resetDouble);

it('exposes one Transport and nothing else', () => {
  expect([...contextBridge.exposed.keys()]).toEqual(['vllmTray']);
  expect(Object.keys(transport).sort()).toEqual(['on', 'request']);
});

it('carries every call of the contract on one channel', async () => {
  ipcMain.handle('vllm-tray:request', (_event, name, input) => ({ ok: true, value: [name, input] }));
  for (const name of callNames) {
    expect(await transport.request(name, { a: 1 })).toEqual({ ok: true, value: [name, { a: 1 }] });
  }
  expect(new Set(ipcRenderer.invoked)).toEqual(new Set(['vllm-tray:request']));
});

it.each(['constructor', '__proto__', 'toString', 'forward.steal', '', 7, null, {}])(
  'refuses the name %j before it reaches the main process',
  async (name) => {
    const reply = await transport.request(name as never, {});
    expect(reply).toEqual({ ok: false, error: { code: 'bad-request', detail: 'no such call' } });
    expect(() => transport.on(name as never, () => undefined)).toThrow('no such push');
    expect(ipcRenderer.invoked).toEqual([]);
    expect(ipcRenderer.eventNames()).toEqual([]);
  },
);

it('answers when nobody in the main process does', async () => {
  const reply = await transport.request('snapshot.get', {});
  expect(reply).toMatchObject({ ok: false, error: { code: 'internal' } });
});

it('hands a push over without the event, until the listener is taken back', () => {
  const received: unknown[][] = [];
  const off = transport.on('patch', (...args: unknown[]) => received.push(args));
  ipcRenderer.emit('vllm-tray:push', { sender: ipcRenderer }, 'patch', { revision: 1 });
  ipcRenderer.emit('vllm-tray:push', { sender: ipcRenderer }, 'other', { revision: 2 });
  off();
  ipcRenderer.emit('vllm-tray:push', { sender: ipcRenderer }, 'patch', { revision: 3 });
  expect(received).toEqual([[{ revision: 1 }]]);
  expect(ipcRenderer.listenerCount('vllm-tray:push')).toBe(0);
});
