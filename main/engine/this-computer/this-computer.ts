import type { PastedForwards } from '#common/forwards.ts';
import type { Resolver } from '../ssh/config/resolve.ts';
import { createDestinations } from './destinations.ts';
import { createEnding, type Ending } from './ending.ts';
import { createFinder } from './find.ts';
import { createObserver, type Observer, type ObserverDeps } from './observer.ts';
import { createTmuxOpener, type TmuxOpener } from './open-tmux.ts';
import { readPastedForwards } from './pasted-forwards.ts';
import { createTmux } from './tmux.ts';

export interface ThisComputerDeps extends Omit<ObserverDeps, 'finder'> {
  readonly resolver: Resolver;
  readonly home: string;
  /** What the names of sessions that hold forwards begin with; absent: vllmctl's. */
  readonly tmuxPrefix?: string | undefined;
}

/** All that concerns this computer: to see its other forwards and local servers, to end and to open such forwards. */
export interface ThisComputer extends Omit<Observer, 'found'>, Ending, TmuxOpener {
  /** See {@link readPastedForwards}. */
  readForwards(line: string): PastedForwards;
}

export function createThisComputer(deps: ThisComputerDeps): ThisComputer {
  const { store, resolver, env, home, log, tmuxPrefix } = deps;
  const tmux = createTmux({ env, home });
  const destinations = createDestinations({ store, resolver, home, env });
  const aliases = () => store.current().hosts.map(({ id }) => id);
  const observer = createObserver({
    ...deps,
    finder: createFinder({ tmux, destinations, aliases, env, log, tmuxPrefix }),
  });
  const { kill, clean } = createEnding({ store, tmux, observer, env });
  const opener = createTmuxOpener({ store, tmux, resolver, observer, env });
  return {
    look: observer.look,
    start: observer.start,
    setShown: observer.setShown,
    kill,
    clean,
    openTmuxForward: opener.openTmuxForward,
    readForwards: (line) => readPastedForwards(line, store.current().hosts),
    async dispose() {
      await opener.dispose();
      await observer.dispose();
    },
  };
}
