/** What a model server of the demo does at a time: it serves, sleeps, loads its model, or is down. */

import type { Life } from './specs.ts';

export type Phase = 'serving' | 'sleeping' | 'loading' | 'down';

export interface ServerLife {
  phase(): Phase;
  advance(seconds: number): void;
}

/** One that restarts begins with loading, so that a person who opens the demo sees it come up. */
export function createServerLife(life: Life): ServerLife {
  let second = 0;
  return {
    phase: () => phaseAt(life, second),
    advance(seconds) {
      second += seconds;
    },
  };
}

function phaseAt(life: Life, second: number): Phase {
  if (life.kind !== 'restarts') return life.kind === 'serves' ? 'serving' : 'sleeping';
  const { loadingSeconds, servingSeconds, downSeconds } = life;
  const within = second % (loadingSeconds + servingSeconds + downSeconds);
  if (within < loadingSeconds) return 'loading';
  return within < loadingSeconds + servingSeconds ? 'serving' : 'down';
}
