import type { App, Clipboard, Shell } from 'electron';
import type { EngineHandlers, FaceHandlers } from '#common/contract.ts';
import { AppError } from '#common/failure.ts';
import type { Place } from '#common/place.ts';
import { docsUrl } from '#common/select/forwards.ts';
import { hasSsh, sshArguments } from '#common/select/hosts.ts';
import type { Snapshot } from '#common/snapshot.ts';
import type { Autostart } from './autostart.ts';

export interface FaceDeps {
  readonly app: Pick<App, 'quit' | 'relaunch'>;
  readonly clipboard: Pick<Clipboard, 'writeText'>;
  readonly shell: Pick<Shell, 'openExternal'>;
  readonly snapshot: () => Snapshot;
  readonly showWindow: (place?: Place) => void;
  /** Starts a terminal with that program in it. */
  readonly openTerminal: (argv: readonly string[]) => Promise<void>;
}

/** The calls that the desktop face answers itself. */
export function createFaceHandlers(deps: FaceDeps): FaceHandlers {
  const { app, clipboard, shell, snapshot, showWindow, openTerminal } = deps;
  return {
    'app.showWindow': ({ place }) => {
      showWindow(place);
    },
    'app.copyText': async ({ text }) => {
      await clipboard.writeText(text);
    },
    'app.openDocs': async ({ forwardId }) => {
      const current = snapshot();
      const forward = current.forwards.find(({ id }) => id === forwardId);
      // The address is the engine's own, never one that the page names.
      const url = forward === undefined ? null : docsUrl(current, forward);
      if (url === null) throw new AppError('not-found', { detail: 'the server has no such pages' });
      await shell.openExternal(url);
    },
    'app.openTerminal': async ({ hostId }) => {
      const { hosts, source } = snapshot();
      const host = hosts.find(({ id }) => id === hostId);
      if (host === undefined) throw new AppError('not-found', { detail: 'the host is not listed any more' });
      if (!hasSsh(host)) throw new AppError('no-ssh');
      await openTerminal(sshArguments(source, host));
    },
    'app.openDemo': () => {
      const { APPIMAGE } = process.env;
      app.relaunch({
        args: [...process.argv.slice(1), '--demo'],
        ...(APPIMAGE !== undefined && { execPath: APPIMAGE }),
      });
      app.quit();
      return null;
    },
    'app.quit': () => {
      app.quit();
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
