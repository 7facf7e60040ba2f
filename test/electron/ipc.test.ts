import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Reply } from '#common/answer.ts';
import { createIpc, type Ipc } from '../../main/electron/ipc.ts';
import '../../preload/preload.ts';
import type { WindowTransport } from '../../preload/preload.ts';
import { createSample, type Sample, sampleForward, sampleSnapshot } from '../support/contract/sample.ts';
import { BrowserWindow, contextBridge, ipcMain, ipcRenderer, resetDouble } from './double.ts';
import { createWebContents } from './double-window.ts';

vi.mock('electron', () => import('./double.ts'));

const transport = contextBridge.exposed.get('vllmTray') as WindowTransport;

let sample: Sample;
let window: BrowserWindow | null;
let ipc: Ipc;
let log: string[];

beforeEach(async () => {
  resetDouble();
  sample = createSample();
  log = [];
  window = new BrowserWindow({});
  await window.loadURL('app://vllm-tray/index.html');
  ipc = createIpc({
    handlers: sample.handlers,
    window: () => (window?.webContents ?? null) as never,
    log: (level, message) => void log.push(`${level}: ${message}`),
  });
});

describe('from our own window', () => {
  it('answers calls with values and with coded refusals', async () => {
    expect(await transport.request('snapshot.get', {})).toEqual({ ok: true, value: sampleSnapshot });
    const target = { hostId: 'a', remotePort: 8000 };
    expect(await transport.request('forward.open', target)).toEqual({ ok: true, value: sampleForward });
    expect(await transport.request('forward.open', { ...target, hostId: 'away' })).toEqual({
      ok: false,
      error: { code: 'connection-timeout', detail: 'no answer' },
    });
    expect(await transport.request('forward.open', { hostId: 'a', remotePort: 70_000 })).toMatchObject({
      ok: false,
      error: { code: 'bad-request' },
    });
    expect(log).toEqual([]);
  });

  it('brings pushes to the page, and none to a window that is gone', () => {
    const received: unknown[] = [];
    transport.on('patch', (payload) => received.push(payload));
    ipc.push('patch', { revision: 8 });
    window?.close();
    ipc.push('patch', { revision: 9 });
    window = null;
    ipc.push('patch', { revision: 10 });
    expect(received).toEqual([{ revision: 8 }]);
  });
});

describe('from anybody else', () => {
  const own = () => window?.webContents as NonNullable<typeof window>['webContents'];
  const frame = (url: string) => ({ url, parent: null });
  const senders = {
    'other web-contents': () => ({ sender: createWebContents(), senderFrame: own().mainFrame }),
    'a frame inside our page': () => ({
      sender: own(),
      senderFrame: { url: 'app://vllm-tray/index.html', parent: own().mainFrame },
    }),
    'a frame that is gone': () => ({ sender: own(), senderFrame: null }),
  };

  it.each(Object.entries(senders))('refuses %s', async (_who, from) => {
    ipcRenderer.from = from();
    await expectRefusal();
  });

  it.each([
    'https://example.org/',
    'file:///index.html',
    'app://other/index.html',
    'apps://vllm-tray/index.html',
    'about:blank',
    'data:text/html,app://vllm-tray/',
    '',
  ])('refuses our own top frame while it shows %j', async (url) => {
    own().mainFrame.url = url;
    await expectRefusal();
  });

  it('refuses everybody while there is no window', async () => {
    ipcRenderer.from = { sender: undefined, senderFrame: frame('app://vllm-tray/index.html') };
    window = null;
    await expectRefusal();
  });

  async function expectRefusal() {
    const reply: Reply = await transport.request('scan.start', {});
    expect(reply).toEqual({ ok: false, error: { code: 'bad-request', detail: 'not a page of this app' } });
    expect(sample.calls).toEqual([]);
    expect(log).toEqual(['warn: a request from outside our own window was refused']);
  }
});

it('takes its handler back', () => {
  expect([...ipcMain.handlers.keys()]).toEqual(['vllm-tray:request']);
  ipc.dispose();
  expect(ipcMain.handlers.size).toBe(0);
});
