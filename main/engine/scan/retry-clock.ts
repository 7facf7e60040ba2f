import { AppError, type Failure, toFailure } from '#common/failure.ts';
import { type Clock, createAlarm } from '#common/timer.ts';
import { type Hurry, hurryGapMs, longestWaitMs, retryDelayMs } from './backoff.ts';

/** A host that was not reached, and when it is tried next. */
export interface Plan {
  /** With the time of the next attempt, by the wall clock, for those who read it. */
  readonly failure: Failure;
  /** By the monotonic clock; null: no attempt follows unasked. */
  readonly dueAt: number | null;
}

/** What needs a host all the time: a forward. */
export interface Follower {
  /** It is time for an attempt. */
  onDue(): void;
  /** Another time was planned, or (null) the host was reached, by this follower or another part of the app. */
  onPlan(plan: Plan | null): void;
}

/** The clock of one host: all that want to reach it try at the same time, and the first that does tells the others. */
export interface RetryClock {
  /** Makes an attempt. Where it fails, the next one is planned; of those that fail together only the first counts. */
  attempt<T>(connect: () => Promise<T>): Promise<T>;
  /** A connection that was there has ended: the first attempt comes almost at once. */
  lost(error: unknown): void;
  /** Null: the host is not known to be away. */
  plan(): Plan | null;
  isDue(): boolean;
  /** Has the next attempt come now, or as soon after the latest one as this reason allows (backoff.ts). */
  hurry(why: Hurry): void;
  /** Returns the end of it. */
  follow(follower: Follower): () => void;
}

/** What all hosts' clocks know of each other, and the parts of the app that keep them. */
export interface KeptRetryClock extends RetryClock {
  isFollowed(): boolean;
  /** Announces the plan once more, with its time by the wall clock as that is now. */
  tellAgain(): void;
  /** Nothing is planned any more. */
  close(): void;
}

export interface RetryClockDeps {
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** How many hosts are away at the moment. */
  readonly hostsAway: () => number;
  /** Called with each plan, and with null when the host is back. */
  readonly onPlan: (plan: Plan | null) => void;
}

/** After a loss the first attempt comes almost at once, a little spread so that many do not stampede. */
const firstRetryMs = 500;
/** A connection that has lasted this long was a good one; one that ends sooner counts as another failure. */
const lastingMs = 5000;

/** Times are monotonic, in milliseconds. */
type State =
  /** Not known to be away; `since` is when it was reached after it had been away. */
  | { readonly kind: 'present'; readonly since: number }
  | { readonly kind: 'away'; readonly plan: Plan; readonly triedAt: number }
  | { readonly kind: 'closed' };

export function createRetryClock({ clock, random, hostsAway, onPlan }: RetryClockDeps): KeptRetryClock {
  const followers = new Set<Follower>();
  const alarm = createAlarm({ clock });
  let state: State = { kind: 'present', since: Number.NEGATIVE_INFINITY };
  /** In a row, with connections that did not last between them. */
  let failures = 0;
  /** How many attempts have had an outcome: what several callers see of one attempt counts once. */
  let outcomes = 0;

  const plan = (): Plan | null => (state.kind === 'away' ? state.plan : null);

  const setAlarm = (): void => {
    const dueAt = plan()?.dueAt ?? null;
    if (dueAt === null || followers.size === 0) alarm.cancel();
    else
      alarm.after(Math.max(0, dueAt - clock.now()), () => {
        for (const follower of [...followers]) follower.onDue();
      });
  };

  const become = (next: State): void => {
    state = next;
    setAlarm();
    const announced = plan();
    for (const follower of [...followers]) follower.onPlan(announced);
    onPlan(announced);
  };

  const away = (failure: Failure, delayMs: number | null): void => {
    const dueAt = delayMs === null ? null : clock.now() + delayMs;
    become({ kind: 'away', plan: planFor(failure, dueAt, clock), triedAt: clock.now() });
  };

  const failed = (failure: Failure): void => {
    outcomes += 1;
    failures += 1;
    const mostMs = longestWaitMs(failure, { inUse: followers.size > 0, away: hostsAway() });
    away(failure, retryDelayMs(failure.code, failures, random(), mostMs));
  };

  const reached = (): void => {
    outcomes += 1;
    if (state.kind === 'away') become({ kind: 'present', since: clock.now() });
  };

  return {
    async attempt(connect) {
      const before = outcomes;
      try {
        const result = await connect();
        reached();
        return result;
      } catch (error) {
        const counts = outcomes === before && !(error instanceof AppError && error.code === 'cancelled');
        if (counts && state.kind !== 'closed') failed(toFailure(error, 'connect'));
        throw error;
      }
    },
    lost(error) {
      if (state.kind !== 'present') return;
      const failure = toFailure(error, 'connect');
      if (clock.now() - state.since < lastingMs) return failed(failure);
      failures = 0;
      away(failure, random() * firstRetryMs);
    },
    plan,
    isDue() {
      const dueAt = plan()?.dueAt ?? null;
      return dueAt !== null && clock.now() >= dueAt;
    },
    hurry(why) {
      if (state.kind !== 'away' || state.plan.dueAt === null) return;
      const { failure, dueAt: before } = state.plan;
      const gapMs = hurryGapMs(failure, Math.max(1, failures), why);
      if (gapMs === null) return;
      const dueAt = Math.max(clock.now(), state.triedAt + gapMs);
      if (dueAt < before) become({ ...state, plan: planFor(failure, dueAt, clock) });
    },
    follow(follower) {
      followers.add(follower);
      setAlarm();
      return () => {
        followers.delete(follower);
        setAlarm();
      };
    },
    isFollowed: () => followers.size > 0,
    tellAgain() {
      if (state.kind !== 'away' || state.plan.dueAt === null) return;
      become({ ...state, plan: planFor(state.plan.failure, state.plan.dueAt, clock) });
    },
    close() {
      state = { kind: 'closed' };
      alarm.cancel();
    },
  };
}

function planFor(failure: Failure, dueAt: number | null, clock: Clock): Plan {
  const nextAttemptAt = dueAt === null ? null : Math.round(clock.wallNow() + dueAt - clock.now());
  return { failure: { ...failure, nextAttemptAt }, dueAt };
}
