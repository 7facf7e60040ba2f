import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Log } from '#engine/diagnostics/log.ts';
import { guardContents, guardSession } from '../../main/electron/guards.ts';
import { app, resetDouble, session } from './double.ts';
import { createWebContents, PreventableEvent } from './double-window.ts';

vi.mock('electron', () => import('./double.ts'));

let log: string[];

beforeEach(() => {
  resetDouble();
  log = [];
  const keep: Log = (level, message) => void log.push(`${level}: ${message}`);
  guardContents(app as never, keep);
  guardSession(session.defaultSession as never, keep);
});

function emit(name: string, fields: object): PreventableEvent {
  const event = Object.assign(new PreventableEvent(), fields);
  createWebContents().emit(name, event);
  return event;
}

describe('any web-contents', () => {
  it.each([
    'https://example.org/',
    'http://localhost:16100/docs',
    'file:///etc/passwd',
    'data:text/html,x',
    'app://other/index.html',
    'app://vllm-tray/index.html?x',
    'https://example.org/#app://vllm-tray/index.html',
  ])('does not go to %s', (url) => {
    expect(emit('will-frame-navigate', { url, isMainFrame: true }).defaultPrevented).toBe(true);
    expect(emit('will-redirect', { url, isMainFrame: true }).defaultPrevented).toBe(true);
    expect(log).toEqual([
      'warn: the window was kept from navigating',
      'warn: the window was kept from following a redirect',
    ]);
  });

  it('may reload its page, but not inside a frame', () => {
    const url = 'app://vllm-tray/index.html';
    for (const own of [url, `${url}#models`]) {
      expect(emit('will-frame-navigate', { url: own, isMainFrame: true }).defaultPrevented).toBe(false);
    }
    expect(emit('will-frame-navigate', { url, isMainFrame: false }).defaultPrevented).toBe(true);
  });

  it('opens no windows and attaches no web views', () => {
    const contents = createWebContents();
    expect(contents.openHandler?.({ url: 'https://example.org/' } as never)).toEqual({ action: 'deny' });
    expect(emit('will-attach-webview', {}).defaultPrevented).toBe(true);
  });
});

describe('the session', () => {
  it('denies every permission, asked for or looked up', () => {
    const { requestHandler, checkHandler, deviceHandler, spellChecker } = session.defaultSession;
    // It would fetch dictionaries.
    expect(spellChecker).toBe(false);
    const answers: boolean[] = [];
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'openExternal',
    ] as const) {
      requestHandler?.(null as never, permission, (granted) => answers.push(granted), null as never);
      answers.push(checkHandler?.(null, permission, 'app://vllm-tray', null as never) ?? true);
    }
    answers.push(deviceHandler?.({ deviceType: 'usb' } as never) ?? true);
    expect(answers).toHaveLength(11);
    expect(answers).not.toContain(true);
  });

  const download = (origin: string, url: string) => {
    const event = new PreventableEvent();
    let options: unknown = null;
    const item = {
      getInitiatorOrigin: () => origin,
      getURL: () => url,
      getFilename: () => 'scan.csv',
      setSaveDialogOptions: (given: unknown) => {
        options = given;
      },
    };
    session.defaultSession.emit('will-download', event, item, createWebContents());
    return { refused: event.defaultPrevented, options };
  };

  it('asks where to save a file that its own page made', () => {
    expect(download('app://vllm-tray', 'blob:app://vllm-tray/6f1d')).toEqual({
      refused: false,
      options: { defaultPath: 'scan.csv' },
    });
    expect(log).toEqual([]);
  });

  it.each([
    ['https://example.org', 'blob:app://vllm-tray/6f1d'],
    ['app://vllm-tray', 'https://example.org/scan.csv'],
    ['app://vllm-tray', 'data:text/csv,a'],
    ['app://vllm-tray', 'app://vllm-tray/index.html'],
    ['app://vllm-tray', 'blob:app://vllm-tray.evil/6f1d'],
    ['null', 'blob:null/6f1d'],
    ['', 'blob:app://vllm-tray/6f1d'],
  ])('refuses every other download: by %j of %s', (origin, url) => {
    expect(download(origin, url)).toEqual({ refused: true, options: null });
    expect(log).toEqual(['warn: a download was refused']);
  });

  it.each([
    ['https://example.org/x.js', true],
    ['http://127.0.0.1:16100/', true],
    ['wss://example.org/', true],
    ['file:///etc/passwd', true],
    ['', true],
    ['app://vllm-tray/index.html', false],
    ['devtools://devtools/bundled/inspector.html', false],
  ])('%s: cancelled %s', (url, cancel) => {
    const answers: unknown[] = [];
    session.defaultSession.beforeRequest?.({ url } as never, (answer) => answers.push(answer));
    expect(answers).toEqual([{ cancel }]);
  });
});
