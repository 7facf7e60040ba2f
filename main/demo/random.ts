/** Repeatable randomness: the same seed gives the same cluster. Mulberry32 for numbers, FNV-1a for the seeds of parts. */

export interface Random {
  /** From 0 up to but not including 1. */
  next(): number;
  between(from: number, to: number): number;
  /** A whole number, both ends included. */
  whole(from: number, to: number): number;
  /** Normally distributed, mean 0 and deviation 1. */
  normal(): number;
  hex(digits: number): string;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const between = (from: number, to: number): number => from + next() * (to - from);
  return {
    next,
    between,
    whole: (from, to) => Math.floor(between(from, to + 1)),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    hex: (digits) => Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join(''),
  };
}

/** The seed of a named part, so that one part's draws do not shift another's. */
export function partSeed(seed: number, part: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const char of part) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash;
}

/** One step of a random walk that is drawn back to its mean: smooth when read each second, never wandering off. */
export interface Walk {
  advance(seconds: number, mean: number): number;
}

export function createWalk(random: Random, start: number, pullPerSecond: number, noise: number): Walk {
  let value = start;
  return {
    advance: (seconds, mean) => {
      const pull = 1 - Math.exp(-pullPerSecond * seconds);
      value += (mean - value) * pull + random.normal() * noise * Math.sqrt(seconds);
      return value;
    },
  };
}
