import type { App, Clipboard } from 'electron';
import type { FaceHandlers } from '#common/contract.ts';
import type { Place } from '#common/notices.ts';

export interface FaceDeps {
  readonly app: Pick<App, 'quit'>;
  readonly clipboard: Pick<Clipboard, 'writeText'>;
  readonly showWindow: (place?: Place) => void;
}

/** The calls that the desktop face answers itself. */
export function createFaceHandlers({ app, clipboard, showWindow }: FaceDeps): FaceHandlers {
  return {
    'app.showWindow': ({ place }) => {
      showWindow(place);
      return null;
    },
    'app.copyText': async ({ text }) => {
      await clipboard.writeText(text);
      return null;
    },
    'app.quit': () => {
      app.quit();
      return null;
    },
  };
}
