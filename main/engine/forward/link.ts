import { AppError, errors, type Failure, toFailure } from '#common/failure.ts';
import type { Plan, RetryClock } from '../scan/retry-clock.ts';
import type { Transport } from '../ssh/transport.ts';
import { createWaiters } from './waiters.ts';

export type LinkState =
  | { readonly kind: 'open' }
  /** Away; the failure says when the next attempt is, null: at this moment. */
  | { readonly kind: 'retrying'; readonly failure: Failure }
  /** Away for good: an automatic retry would not help. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** A Transport that reconnects automatically: what a forward stands on while connections under it are lost and replaced. */
export interface Link {
  /** The first attempt. Rejects when it fails; the link goes on all the same, and `onState` tells how. */
  readonly opened: Promise<void>;
  /** The Transport that is open now; null while there is none. */
  current(): Transport | null;
  /**
   * The open Transport, waiting at most `timeoutMs` for one that is away, and then for the attempt that is under way.
   * While a caller waits the host is tried as often as may be. Errors: why it is away.
   */
  get(timeoutMs: number): Promise<Transport>;
  /** Tries at once, also where no attempt is scheduled: a person asks for it. */
  retry(): void;
  dispose(): void;
}

export interface LinkDeps {
  /** The clock of the host, which says when to try. */
  readonly clock: RetryClock;
  /** The host's connection, opened when there is none. */
  readonly connect: (signal: AbortSignal) => Promise<Transport>;
  /** Whether the Transport serves. Errors: why not, such as `forwarding-prohibited`. */
  readonly check: (transport: Transport) => Promise<void>;
  readonly onState: (state: LinkState) => void;
}

type Away = Extract<LinkState, { failure: Failure }>;

type State =
  /** An attempt is under way; the failure is why there is no Transport, null at the first attempt. */
  | { readonly kind: 'trying'; readonly failure: Failure | null }
  | { readonly kind: 'open'; readonly transport: Transport }
  | Away
  | { readonly kind: 'disposed' };

/** Opens a Transport now, and again after every loss and failed attempt when the clock of its host says so. */
export function createLink({ clock, connect, check, onState }: LinkDeps): Link {
  const controller = new AbortController();
  const { signal } = controller;
  let state: State = { kind: 'trying', failure: null };
  let forget = (): void => undefined;
  const waiters = createWaiters({ isTrying: () => state.kind === 'trying', whyAway: () => whyAway(state) });

  const become = (next: Away): void => {
    state = next;
    onState(next);
  };

  const away = (error: unknown): void => {
    if (state.kind === 'disposed') return;
    const failure = toFailure(error, 'forward');
    const mayComeBack = errors[failure.code].retryable;
    state = awayWith(failure);
    // No attempt to connect has failed: the connection itself has ended, or was of no use.
    if (mayComeBack && clock.plan() === null) clock.lost(error);
    // The same failure, or what another attempt met since.
    const next = awayWith((mayComeBack ? clock.plan()?.failure : null) ?? failure);
    become(next);
    waiters.refuse(next.kind === 'failed' ? 'all' : 'late');
    if (!waiters.isEmpty()) clock.hurry('client');
  };

  const open = async (): Promise<Transport> => {
    const transport = await clock.attempt(() => connect(signal));
    await check(transport);
    return transport;
  };

  const attempt = async (failure: Failure | null): Promise<void> => {
    state = { kind: 'trying', failure };
    let transport: Transport;
    try {
      transport = await open();
    } catch (error) {
      away(error);
      throw error;
    }
    if (signal.aborted) throw whyAway(state);
    state = { kind: 'open', transport };
    onState({ kind: 'open' });
    waiters.resolve(transport);
    forget = transport.onClose(away);
  };

  const retry = (): void => {
    if (!isAway(state)) return;
    const { failure } = state;
    onState({ kind: 'retrying', failure: { ...failure, nextAttemptAt: null } });
    // What it ends with is the state.
    attempt(failure).catch(() => undefined);
  };

  const onPlan = (plan: Plan | null): void => {
    if (plan === null) retry();
    else if (state.kind === 'retrying') become(awayWith(plan.failure));
  };

  const unfollow = clock.follow({ onDue: retry, onPlan });
  const opened = attempt(null);
  // It need not be waited for.
  opened.catch(() => undefined);
  return {
    opened,
    current: () => (state.kind === 'open' ? state.transport : null),
    get(timeoutMs) {
      if (state.kind === 'open') return Promise.resolve(state.transport);
      if (state.kind === 'failed' || state.kind === 'disposed') return Promise.reject(whyAway(state));
      const waiting = waiters.wait(timeoutMs);
      if (state.kind === 'retrying') clock.hurry('client');
      return waiting;
    },
    retry,
    dispose() {
      state = { kind: 'disposed' };
      controller.abort();
      unfollow();
      forget();
      waiters.refuse('all');
    },
  };
}

function isAway(state: State): state is Away {
  return state.kind === 'retrying' || state.kind === 'failed';
}

function awayWith(failure: Failure): Away {
  return { kind: errors[failure.code].retryable ? 'retrying' : 'failed', failure };
}

function whyAway(state: State): AppError {
  if (state.kind === 'disposed') return new AppError('cancelled', { step: 'forward' });
  const { code, detail } = ('failure' in state ? state.failure : null) ?? {
    code: 'connection-lost',
    detail: '',
  };
  return new AppError(code, { step: 'forward', detail });
}
