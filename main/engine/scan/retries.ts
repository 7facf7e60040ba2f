import type { HostId } from '#common/ids.ts';
import { type Clock, systemClock } from '#common/timer.ts';
import { type Hurry, isAway } from './backoff.ts';
import { createRetryClock, type KeptRetryClock, type Plan, type RetryClock } from './retry-clock.ts';

/** One clock for each host, for its measurements and its forwards alike. It goes on while the wall clock jumps. */
export interface Retries {
  of(hostId: HostId): RetryClock;
  hurryAll(why: Hurry): void;
  /** Announces all plans again: the wall clock has jumped, and what they say by it is wrong. */
  tellAgain(): void;
  /** Called with each plan, and with null for a host that is back. Returns the removal. */
  onPlan(listener: (hostId: HostId, plan: Plan | null) => void): () => void;
  /** Forgets all hosts but these, and those that are followed. */
  retain(hostIds: readonly HostId[]): void;
  dispose(): void;
}

export interface RetriesDeps {
  /** Those of the hosts that lie behind the same jump host, or are the same target. */
  companions(hostId: HostId, among: readonly HostId[]): readonly HostId[];
  readonly clock?: Clock;
  /** From 0 up to 1; default: by chance. */
  readonly random?: () => number;
}

export function createRetries(deps: RetriesDeps): Retries {
  const { clock = systemClock, random = Math.random } = deps;
  const clocks = new Map<HostId, KeptRetryClock>();
  const listeners = new Set<(hostId: HostId, plan: Plan | null) => void>();

  const awayIds = (): HostId[] =>
    [...clocks].flatMap(([hostId, one]) => {
      const plan = one.plan();
      return plan !== null && isAway(plan.failure) ? [hostId] : [];
    });

  const announce = (hostId: HostId, plan: Plan | null): void => {
    for (const listener of listeners) listener(hostId, plan);
    if (plan === null) for (const other of deps.companions(hostId, awayIds())) of(other).hurry('neighbour');
  };

  const of = (hostId: HostId): KeptRetryClock => {
    const known = clocks.get(hostId);
    if (known !== undefined) return known;
    const added = createRetryClock({
      clock,
      random,
      hostsAway: () => awayIds().length,
      onPlan: (plan) => announce(hostId, plan),
    });
    clocks.set(hostId, added);
    return added;
  };

  return {
    of,
    hurryAll(why) {
      for (const one of [...clocks.values()]) one.hurry(why);
    },
    tellAgain() {
      for (const one of [...clocks.values()]) one.tellAgain();
    },
    onPlan(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    retain(hostIds) {
      const kept = new Set(hostIds);
      for (const [hostId, one] of clocks) {
        if (kept.has(hostId) || one.isFollowed()) continue;
        one.close();
        clocks.delete(hostId);
      }
    },
    dispose() {
      for (const one of clocks.values()) one.close();
    },
  };
}
