/** What no page may do here, whichever page it is: ask for permissions, leave, open windows, or load from the network. */

import type { App, Session, WebContents } from 'electron';
import type { Log } from '#engine/diagnostics/log.ts';
import { ownOrigin, startUrl } from './app-scheme.ts';

const remoteProtocols: ReadonlySet<string> = new Set(['http:', 'https:', 'ws:', 'wss:', 'ftp:', 'file:']);

/**
 * Denies every permission, every request that would leave the app's own scheme, and every download but a file that the
 * app's own page made: for that, the person is asked where to save it.
 */
export function guardSession(session: Session, log: Log): void {
  // On Linux and Windows it would fetch dictionaries from a server of Google's.
  session.setSpellCheckerEnabled(false);
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !URL.canParse(details.url) || remoteProtocols.has(new URL(details.url).protocol) });
  });
  session.on('will-download', (event, item) => {
    if (item.getInitiatorOrigin() === ownOrigin && item.getURL().startsWith(`blob:${ownOrigin}/`)) {
      item.setSaveDialogOptions({ defaultPath: item.getFilename() });
      return;
    }
    event.preventDefault();
    log('warn', 'a download was refused');
  });
}

/** Denies every web-contents of the app, those yet to come included, to navigate, open windows or attach web views. */
export function guardContents(app: Pick<App, 'on'>, log: Log): void {
  app.on('web-contents-created', (_event, contents) => guard(contents, log));
}

function guard(contents: WebContents, log: Log): void {
  const deny = (event: { preventDefault(): void }, what: string) => {
    event.preventDefault();
    log('warn', `the window was kept from ${what}`);
  };
  // The start page itself may be loaded anew, whichever view its fragment names: that is what a reload is.
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || event.url.replace(/#.*/, '') !== startUrl) deny(event, 'navigating');
  });
  contents.on('will-redirect', (event) => deny(event, 'following a redirect'));
  contents.on('will-attach-webview', (event) => deny(event, 'attaching a web view'));
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}
