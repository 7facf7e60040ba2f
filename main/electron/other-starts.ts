import type { Place } from '#common/place.ts';
import { takeOver } from './options.ts';

/** Starts of the app while it runs already, and clicks on its Dock icon. */
export interface OtherStarts {
  /** Hands every one to `show` from now on, and the latest of those that came before. */
  follow(show: (place?: Place) => void): void;
}

/**
 * Listens from the beginning: the engine and the tray take seconds to open, and who starts the app once more meanwhile waits
 * for its window.
 */
export function listenToOtherStarts(app: Pick<NodeJS.EventEmitter, 'on'>): OtherStarts {
  let follower: ((place?: Place) => void) | null = null;
  let early: { readonly place: Place | undefined } | null = null;
  const handOn = (place?: Place): void => {
    if (follower === null) early = { place };
    else follower(place);
  };
  app.on('second-instance', (_event, _argv, _folder, data) => {
    const taken = takeOver(data);
    if (taken !== null) handOn(taken.place);
  });
  app.on('activate', () => handOn());
  return {
    follow(show) {
      follower = show;
      const waiting = early;
      early = null;
      if (waiting !== null) show(waiting.place);
    },
  };
}
