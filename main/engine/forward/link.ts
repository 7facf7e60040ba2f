import { AppError, toFailure } from '#common/errors.ts';
import type { Failure } from '#common/model.ts';
import { retryDelayMs } from '../scan/backoff.ts';
import type { Transport } from '../ssh/transport.ts';

export type LinkState =
  | { readonly kind: 'open' }
  /** Away; the failure says when the next attempt is, null: at this moment. */
  | { readonly kind: 'retrying'; readonly failure: Failure }
  /** Away for good: trying again by itself would not help. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** A Transport that comes back by itself: what a forward stands on while connections under it are lost and replaced. */
export interface Link {
  /** The first attempt. Rejects when it fails; the link goes on all the same, and `onState` tells how. */
  readonly opened: Promise<void>;
  /** The Transport that is open now; null while there is none. */
  current(): Transport | null;
  /** The open Transport, waiting at most `timeoutMs` for one that is away. Errors: why it is away. */
  get(timeoutMs: number): Promise<Transport>;
  /** Tries at once where the next attempt would come later: the network has changed. */
  hurry(): void;
  /** The same where none would come by itself: a person asks for it, or the host can be reached again. */
  retry(): void;
  dispose(): void;
}

/** After a loss the first attempt comes almost at once, a little spread so that many forwards do not stampede. */
const firstRetryMs = 500;

interface Waiter {
  resolve(transport: Transport): void;
  reject(error: AppError): void;
}

/** Opens a Transport now, and again after every loss and failed attempt, with the pauses of backoff.ts. */
export function createLink(
  openTransport: (signal: AbortSignal) => Promise<Transport>,
  onState: (state: LinkState) => void,
): Link {
  const controller = new AbortController();
  const { signal } = controller;
  const waiters = new Set<Waiter>();
  let current: Transport | null = null;
  let failure: Failure | null = null;
  let failures = 0;
  let trying = false;
  let timer: NodeJS.Timeout | null = null;
  let forget = (): void => undefined;

  const whyAway = (): AppError => {
    if (signal.aborted) return new AppError('cancelled', { step: 'forward' });
    const { code, detail } = failure ?? { code: 'connection-lost', detail: '' };
    return new AppError(code, { step: 'forward', detail });
  };

  const refuseWaiters = (): void => {
    for (const waiter of waiters) waiter.reject(whyAway());
  };

  const away = (error: unknown, delayMs: number | null): void => {
    if (signal.aborted) return;
    failures += 1;
    failure = toFailure(error, 'forward', delayMs === null ? null : Date.now() + delayMs);
    timer = delayMs === null ? null : setTimeout(retry, delayMs);
    onState({ kind: delayMs === null ? 'failed' : 'retrying', failure });
    if (delayMs === null) refuseWaiters();
  };

  const attempt = async (): Promise<void> => {
    trying = true;
    try {
      const transport = await openTransport(signal);
      if (signal.aborted) throw whyAway();
      current = transport;
      failures = 0;
      failure = null;
      onState({ kind: 'open' });
      for (const waiter of waiters) waiter.resolve(transport);
      forget = transport.onClose((reason) => {
        current = null;
        away(reason, Math.random() * firstRetryMs);
      });
    } catch (error) {
      away(error, retryDelayMs(toFailure(error, 'forward').code, failures + 1, Math.random()));
      throw error;
    } finally {
      trying = false;
    }
  };

  const retry = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (failure !== null) onState({ kind: 'retrying', failure: { ...failure, nextAttemptAt: null } });
    // What it ends with is the state.
    attempt().catch(() => undefined);
  };

  const isIdle = (): boolean => current === null && !trying && !signal.aborted;

  const opened = attempt();
  // Nobody needs to wait for it.
  opened.catch(() => undefined);
  return {
    opened,
    current: () => current,
    get(timeoutMs) {
      if (current !== null) return Promise.resolve(current);
      const gaveUp = failure !== null && timer === null && !trying;
      if (gaveUp || signal.aborted) return Promise.reject(whyAway());
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          clearTimeout(patience);
          waiters.delete(waiter);
        };
        const waiter: Waiter = {
          resolve(transport) {
            leave();
            resolve(transport);
          },
          reject(error) {
            leave();
            reject(error);
          },
        };
        const patience = setTimeout(() => waiter.reject(whyAway()), timeoutMs);
        waiters.add(waiter);
      });
    },
    hurry() {
      if (isIdle() && timer !== null) retry();
    },
    retry() {
      if (isIdle()) retry();
    },
    dispose() {
      controller.abort();
      forget();
      if (timer !== null) clearTimeout(timer);
      refuseWaiters();
    },
  };
}
