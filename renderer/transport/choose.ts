import type { Transport } from '#common/bridge.ts';
import { whoAnswers } from './same-app.ts';
import { takeSocketKey } from './socket-key.ts';
import { createWebSocketTransport } from './web-socket.ts';

/** Which face shows the window, and how it reaches the engine. The one place that tells them apart. */
export interface Face {
  readonly kind: 'desktop' | 'browser';
  readonly transport: Transport;
}

/** The preload's Transport in the desktop app; elsewhere a WebSocket to the page's own origin. */
export function chooseFace(page: Window): Face {
  if (page.vllmTray !== undefined) {
    const { request, on } = page.vllmTray;
    // IPC is there for as long as the window is.
    return { kind: 'desktop', transport: { request, on, onLink: () => () => undefined } };
  }
  const url = new URL('socket', page.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  const key = takeSocketKey(page);
  const transport = createWebSocketTransport({
    url: url.href,
    key: key.current,
    whoAnswers: (secret) => whoAnswers(secret, page),
  });
  return { kind: 'browser', transport };
}
