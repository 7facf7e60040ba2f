import { createThisComputer, type ThisComputer, type ThisComputerDeps } from '../local/this-computer.ts';
import type { Resolver } from '../ssh/resolve.ts';
import { createDestinations } from './destinations.ts';
import { createEnding, type Ending } from './ending.ts';
import { createFinder } from './find.ts';
import { createTmuxOpener, type TmuxOpener } from './open-tmux.ts';
import { createTmux } from './tmux.ts';

export interface OtherProgramsDeps extends Omit<ThisComputerDeps, 'finder'> {
  readonly resolver: Resolver;
  readonly home: string;
}

/** All that concerns other programs of this computer: to see their forwards and model servers, to end and to open forwards. */
export interface OtherPrograms extends Omit<ThisComputer, 'found'>, Ending, TmuxOpener {}

export function createOtherPrograms(deps: OtherProgramsDeps): OtherPrograms {
  const { store, resolver, env, home, log } = deps;
  const tmux = createTmux({ env, home });
  const destinations = createDestinations({ store, resolver, home, env });
  const aliases = () => store.current().hosts.map(({ id }) => id);
  const computer = createThisComputer({
    ...deps,
    finder: createFinder({ tmux, destinations, aliases, env, log }),
  });
  const { kill, clean } = createEnding({ store, tmux, computer, env });
  const opener = createTmuxOpener({ store, tmux, resolver, computer });
  return {
    look: computer.look,
    start: computer.start,
    setShown: computer.setShown,
    kill,
    clean,
    openTmuxForward: opener.openTmuxForward,
    async dispose() {
      await opener.dispose();
      await computer.dispose();
    },
  };
}
