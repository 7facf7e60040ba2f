/** Conditions that must hold for a while before they count, and have to be gone for a while before they count again. */

export interface ConditionTimes {
  /** How long it must hold before it is reported. */
  readonly holdMs: number;
  /** How long it must be gone, once reported, before it can be reported again. */
  readonly restMs: number;
}

export type ConditionChange = 'begins' | 'ends' | null;

export interface Condition {
  /** Takes whether it holds now; answers when it begins to count, and when it has ended after that. */
  observe(holds: boolean, nowMs: number): ConditionChange;
  /** Unknown whether it holds: what was reported stays so, and a time that it has to hold or be gone begins anew afterwards. */
  pause(): void;
}

/** @param reported whether it counts as reported already: what is true at the start is no news */
export function createCondition({ holdMs, restMs }: ConditionTimes, reported = false): Condition {
  let isReported = reported;
  /** Since when it is other than what was reported; null while it is not. */
  let otherSince: number | null = null;
  return {
    observe(holds, nowMs) {
      if (holds === isReported) {
        otherSince = null;
        return null;
      }
      otherSince ??= nowMs;
      if (nowMs - otherSince < (holds ? holdMs : restMs)) return null;
      isReported = holds;
      otherSince = null;
      return holds ? 'begins' : 'ends';
    },
    pause() {
      otherSince = null;
    },
  };
}
