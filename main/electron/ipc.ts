/** The main process's end of IPC; nowhere else stands a raw `ipcMain` or `webContents.send`. */

import { type IpcMainInvokeEvent, ipcMain, type WebContents } from 'electron';
import { answer, type Reply } from '#common/answer.ts';
import type { Handlers, PushName, PushPayload } from '#common/contract.ts';
import { ipcChannels } from '#common/ipc-channels.ts';
import type { Log } from '#engine/diagnostics/log.ts';
import { isOwnUrl } from './app-scheme.ts';

export interface IpcDeps {
  readonly handlers: Handlers;
  /** The web-contents of our own window; null while there is none. */
  readonly window: () => WebContents | null;
  readonly log: Log;
}

export interface Ipc {
  /** Sends a push to our own window, if it is there. */
  push<Name extends PushName>(name: Name, payload: PushPayload<Name>): void;
  dispose(): void;
}

/** Answers the contract's calls for our own window; any other sender is refused before its request is looked at. */
export function createIpc({ handlers, window, log }: IpcDeps): Ipc {
  ipcMain.handle(ipcChannels.request, async (event, name: unknown, input: unknown): Promise<Reply> => {
    if (isTrusted(event, window())) return answer(handlers, name, input);
    log('warn', 'a request from outside our own window was refused');
    return { ok: false, error: { code: 'bad-request', detail: 'not a page of this app' } };
  });
  return {
    push(name, payload) {
      const contents = window();
      if (contents === null || contents.isDestroyed()) return;
      contents.send(ipcChannels.push, name, payload);
    },
    dispose: () => ipcMain.removeHandler(ipcChannels.request),
  };
}

/** electron-store tells any page that asks where the app's folder is; no page of this app asks, so none gets an answer. */
export function silenceStoreListener(): void {
  ipcMain.removeAllListeners('electron-store-get-data');
}

/** The sender is the top frame of our own window and shows a page of our own scheme. */
function isTrusted({ sender, senderFrame }: IpcMainInvokeEvent, own: WebContents | null): boolean {
  return (
    own !== null &&
    sender === own &&
    senderFrame !== null &&
    senderFrame.parent === null &&
    isOwnUrl(senderFrame.url)
  );
}
