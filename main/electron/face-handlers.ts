import type { App, Clipboard, Shell } from 'electron';
import type { EngineHandlers, FaceHandlers } from '#common/contract.ts';
import { AppError } from '#common/errors.ts';
import type { Snapshot } from '#common/model.ts';
import type { Place } from '#common/notices.ts';
import { docsUrl } from '#common/select.ts';
import type { Autostart } from './autostart.ts';

export interface FaceDeps {
  readonly app: Pick<App, 'quit'>;
  readonly clipboard: Pick<Clipboard, 'writeText'>;
  readonly shell: Pick<Shell, 'openExternal'>;
  readonly snapshot: () => Snapshot;
  readonly showWindow: (place?: Place) => void;
}

/** The calls that the desktop face answers itself. */
export function createFaceHandlers({ app, clipboard, shell, snapshot, showWindow }: FaceDeps): FaceHandlers {
  return {
    'app.showWindow': ({ place }) => {
      showWindow(place);
      return null;
    },
    'app.copyText': async ({ text }) => {
      await clipboard.writeText(text);
      return null;
    },
    'app.openDocs': async ({ forwardId }) => {
      const current = snapshot();
      const forward = current.forwards.find(({ id }) => id === forwardId);
      // The address is the engine's own, never one that the page names.
      const url = forward === undefined ? null : docsUrl(current, forward);
      if (url === null) throw new AppError('not-found', { detail: 'the server has no such pages' });
      await shell.openExternal(url);
      return null;
    },
    'app.quit': () => {
      app.quit();
      return null;
    },
  };
}

/** Where a change of the settings is also one of the system's, the system goes first: what it refuses is not stored. */
export function withAutostart(handlers: EngineHandlers, autostart: Pick<Autostart, 'set'>): EngineHandlers {
  return {
    ...handlers,
    'settings.update': async (input) => {
      const { startAtLogin } = input.change;
      if (startAtLogin !== undefined) await autostart.set(startAtLogin);
      return handlers['settings.update'](input);
    },
    'settings.reset': async (input) => {
      await autostart.set(false);
      return handlers['settings.reset'](input);
    },
  };
}
