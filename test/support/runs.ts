/** How often, and from which seed, the property tests run: both come from the environment, see vitest.config.ts. */

const factor = Number(process.env.PROPERTY_FACTOR ?? 1);
const seed = Number(process.env.PROPERTY_SEED);

interface Runs {
  readonly numRuns: number;
  readonly seed?: number;
}

/** For `fc.assert`: `count` cases, times PROPERTY_FACTOR, from the seed that the whole test run prints. */
export function runs(count: number): Runs {
  return { numRuns: count * factor, ...(Number.isInteger(seed) && { seed }) };
}

/** The time that a test with properties may take, in milliseconds. */
export function runsTimeoutMs(timeoutMs: number): number {
  return timeoutMs * factor;
}
