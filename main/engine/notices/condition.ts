/** Conditions that must hold for a while before they count, and have to be gone for a while before they count again. */

export interface ConditionTimes {
  /** So long it must hold before it is told. */
  readonly holdMs: number;
  /** So long it must be gone, once told, before it can be told again. */
  readonly restMs: number;
}

export type ConditionChange = 'begins' | 'ends' | null;

export interface Condition {
  /** Takes whether it holds now; answers when it begins to count, and when it has ended after that. */
  observe(holds: boolean, nowMs: number): ConditionChange;
}

/** @param told whether it counts as told already: what is true at the start is no news */
export function createCondition({ holdMs, restMs }: ConditionTimes, told = false): Condition {
  let isTold = told;
  /** Since when it is other than what was told; null while it is not. */
  let otherSince: number | null = null;
  return {
    observe(holds, nowMs) {
      if (holds === isTold) {
        otherSince = null;
        return null;
      }
      otherSince ??= nowMs;
      if (nowMs - otherSince < (holds ? holdMs : restMs)) return null;
      isTold = holds;
      otherSince = null;
      return holds ? 'begins' : 'ends';
    },
  };
}
