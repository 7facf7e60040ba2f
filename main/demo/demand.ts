import { createWalk, type Random } from './random.ts';
import type { ModelServerSpec } from './specs.ts';

/** How much is asked of one model server: 1 means that every place in its batch is taken; above, requests wait. */
export interface Demand {
  now(): number;
  advance(seconds: number): void;
  /** The tide begins anew, at its mean and coming in. */
  restartTide(): void;
}

/** From low water to low water. */
const tideSeconds = 480;

/** Around the mean of the server, with its tide, and with waves that come now and then. */
export function createDemand({ demand, tide }: ModelServerSpec, random: Random): Demand {
  const walk = createWalk(random, demand, 0.08, demand === 0 ? 0 : 0.03 + demand * 0.04);
  let clock = 0;
  let wave = { seconds: 0, height: 0 };
  let now = demand;
  return {
    now: () => now,
    advance(seconds) {
      clock += seconds;
      wave = { ...wave, seconds: wave.seconds - seconds };
      if (wave.seconds <= 0 && random.next() < seconds / 45)
        wave = {
          seconds: random.between(8, 25),
          // Of one that was just started nothing is asked but what its person asks.
          height: random.between(0.15, 0.55) * (demand === 0 ? 0 : Math.max(demand, 0.3)),
        };
      const high = tide * Math.sin((2 * Math.PI * clock) / tideSeconds);
      now = Math.max(0, walk.advance(seconds, demand + high + (wave.seconds > 0 ? wave.height : 0)));
    },
    restartTide() {
      clock = 0;
    },
  };
}
