import { toFailure } from '#common/failure.ts';
import type { HostId } from '#common/ids.ts';
import { type Clock, systemClock } from '#common/timer.ts';
import type { Log } from '../diagnostics/log.ts';
import { type MeterSource, openMeter } from '../sources/host-meter.ts';
import type { Asking } from '../ssh/asking.ts';
import type { Store } from '../store.ts';
import { createHostRow } from './host-row.ts';
import type { Outcome } from './host-state.ts';
import type { Retries } from './retries.ts';
import type { Plan } from './retry-clock.ts';

export interface TrackedHostDeps {
  /** The first that has a meter for the host measures it. */
  readonly sources: readonly MeterSource[];
  readonly retries: Retries;
  readonly store: Store;
  readonly log: Log;
  readonly clock?: Clock;
}

export interface MeasureOptions {
  readonly signal: AbortSignal;
  /** Also look at processes, at the listening ports and at the models behind them. */
  readonly ports: boolean;
}

/** One host: has its meter connect and measure when that is wanted, and keeps its row of the Snapshot. */
export interface TrackedHost {
  /**
   * Measures once. Calls while one is running join it. Never rejects: what went wrong is the host's state, with the time
   * of the next attempt where one follows unasked.
   */
  measure(options: MeasureOptions): Promise<void>;
  /**
   * Connects with a person who may be asked, and then measures; meanwhile other measurements are passed over. Answers
   * whether it is logged in; what went wrong is the host's state.
   */
  logIn(asking: Asking, signal: AbortSignal): Promise<boolean>;
  /** When it was last looked at its processes, ports and models, in milliseconds since 1970; null: never. */
  lookedAt(): number | null;
  /** Whether it is time for the attempt that follows a failure or the loss of the connection. */
  isDue(): boolean;
  /** The host is tried at another time now, or (null) was reached by another part of the app. */
  onPlan(plan: Plan | null): void;
  close(): void;
}

type Activity =
  | { readonly kind: 'idle' }
  | { readonly kind: 'measuring'; readonly ports: boolean; readonly result: Promise<void> }
  | { readonly kind: 'logging-in' }
  | { readonly kind: 'closed' };

export function createTrackedHost(hostId: HostId, deps: TrackedHostDeps): TrackedHost {
  const retryClock = deps.retries.of(hostId);
  const { clock = systemClock } = deps;
  let activity: Activity = { kind: 'idle' };
  let lookedAt: number | null = null;
  const row = createHostRow(hostId, { store: deps.store, plan: retryClock.plan, clock });
  const apply = (outcome: Outcome): void => {
    if (activity.kind !== 'closed') row.apply(outcome);
  };

  const meter = openMeter(deps.sources, hostId, {
    onStep: (step) => apply({ kind: 'step', step }),
    onFacts: (facts) => apply({ kind: 'facts', facts }),
    onLost(reason) {
      apply({ kind: 'lost' });
      if (!meter.isConnected()) retryClock.lost(reason);
    },
  });

  const fail = (error: unknown): void => {
    if (activity.kind === 'closed') return;
    const failure = toFailure(error, 'connect');
    if (failure.code === 'connection-lost' && !meter.isConnected()) retryClock.lost(error);
    deps.log('info', `${hostId}: ${failure.code} at ${failure.step}`);
    apply({ kind: 'failed', failure: { ...failure, command: failure.command ?? meter.command() } });
  };

  /** Whether the work was done; what went wrong, or that it was called off, is the host's state then. */
  const attempt = async (signal: AbortSignal, work: () => Promise<void>): Promise<boolean> => {
    const before = row.host()?.state;
    try {
      await work();
      return true;
    } catch (error) {
      if (!signal.aborted) fail(error);
      else if (before !== undefined) apply({ kind: 'cancelled', before });
      return false;
    }
  };

  const measureOnce = async ({ signal, ports }: MeasureOptions): Promise<void> => {
    await attempt(signal, async () => {
      await retryClock.attempt(() => meter.connect({ signal }));
      const reading = await meter.read({ signal, processes: ports });
      apply({ kind: 'read', reading, idleRule: deps.store.current().settings.idleRule });
      const known = row.servers();
      const found = await meter.servers({ signal, find: ports, known });
      if (ports) lookedAt = clock.wallNow();
      if (found !== known && activity.kind !== 'closed') row.setServers(found);
      apply({ kind: 'measured' });
    });
  };

  const become = (after: Activity): void => {
    if (activity.kind !== 'closed') activity = after;
  };

  const measure = async (options: MeasureOptions): Promise<void> => {
    while (activity.kind === 'measuring') {
      const { ports, result } = activity;
      await result;
      if (ports || !options.ports || options.signal.aborted) return;
    }
    if (activity.kind !== 'idle') return;
    const result = measureOnce(options).finally(() => {
      // A login that waits for the end of it has taken over.
      if (activity.kind === 'measuring') become({ kind: 'idle' });
    });
    become({ kind: 'measuring', ports: options.ports, result });
    await result;
  };

  return {
    measure,
    async logIn(asking, signal) {
      if (activity.kind === 'logging-in' || activity.kind === 'closed') return false;
      const before = activity;
      become({ kind: 'logging-in' });
      // A measurement that is under way asks no questions, and ends without one.
      if (before.kind === 'measuring') await before.result;
      const loggedIn = await attempt(signal, async () => {
        apply({ kind: 'login' });
        await retryClock.attempt(() => meter.connect({ asking, signal }));
      });
      become({ kind: 'idle' });
      if (loggedIn) await measure({ signal, ports: true });
      return loggedIn;
    },
    lookedAt: () => lookedAt,
    isDue: () => activity.kind !== 'logging-in' && activity.kind !== 'closed' && row.isDue(),
    onPlan(plan) {
      if (plan === null || activity.kind !== 'idle') return;
      const { failure } = plan;
      apply({ kind: 'planned', failure: { ...failure, command: failure.command ?? meter.command() } });
    },
    close() {
      activity = { kind: 'closed' };
      meter.close();
    },
  };
}
