/** Hands the window one Transport and nothing else of Electron. Runs sandboxed, before the page does. */

import { contextBridge, ipcRenderer } from 'electron';
import type { Reply } from '#common/answer.ts';
import type { Transport } from '#common/bridge.ts';
import { isCallName, isPushName } from '#common/contract.ts';
import type { ErrorCode } from '#common/failure.ts';
import { ipcChannels } from '#common/ipc-channels.ts';

/** What the page finds as `window.vllmTray`. IPC is always open, so the page adds `onLink` itself. */
export type WindowTransport = Pick<Transport, 'request' | 'on'>;

const transport: WindowTransport = {
  async request(name, input) {
    if (!isCallName(name)) return refuse('bad-request', 'no such call');
    try {
      return await ipcRenderer.invoke(ipcChannels.request, name, input);
    } catch (error) {
      // There is no answer any more while the app quits; a Transport's request does not reject.
      return refuse('internal', error instanceof Error ? error.message : '');
    }
  },
  on(name, listener) {
    if (!isPushName(name)) throw new TypeError('no such push');
    // The event stays here: its `sender` would hand the page a raw channel to the main process.
    const receive = (_event: unknown, pushed: unknown, payload: unknown) => {
      if (pushed === name) listener(payload);
    };
    ipcRenderer.on(ipcChannels.push, receive);
    return () => void ipcRenderer.off(ipcChannels.push, receive);
  },
};

function refuse(code: ErrorCode, detail: string): Reply {
  return { ok: false, error: { code, detail } };
}

contextBridge.exposeInMainWorld('vllmTray', transport);
