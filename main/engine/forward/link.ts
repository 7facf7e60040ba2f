import { EventEmitter, once } from 'node:events';
import { AppError, toFailure } from '#common/errors.ts';
import type { Failure } from '#common/model.ts';
import { retryDelayMs } from '../scan/backoff.ts';
import type { Transport } from '../ssh/transport.ts';

export type LinkState =
  | { readonly kind: 'open' }
  /** Away, with the next attempt planned. */
  | { readonly kind: 'retrying'; readonly failure: Failure }
  /** Away for good: trying again by itself would not help. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** A Transport that comes back by itself: what a forward stands on while connections under it are lost and replaced. */
export interface Link {
  /** The first attempt. Errors: those of the pool; the link is of no use then. */
  open(): Promise<Transport>;
  /** The open Transport, waiting at most `timeoutMs` for one that is away. Errors: why it is away. */
  get(timeoutMs: number): Promise<Transport>;
  /** Tries at once, where the next attempt would come later or not at all: the network or the login has changed. */
  hurry(): void;
  dispose(): void;
}

/** After a loss the first attempt comes almost at once, a little spread so that many forwards do not stampede. */
const firstRetryMs = 500;

export function createLink(
  openTransport: (signal: AbortSignal) => Promise<Transport>,
  onState: (state: LinkState) => void,
): Link {
  const controller = new AbortController();
  const events = new EventEmitter().setMaxListeners(0);
  let current: Transport | null = null;
  let away: LinkState = { kind: 'open' };
  let failures = 0;
  let trying = false;
  let timer: NodeJS.Timeout | null = null;

  const attempt = async (): Promise<Transport> => {
    const transport = await openTransport(controller.signal);
    if (controller.signal.aborted) throw new AppError('cancelled', { step: 'forward' });
    current = transport;
    failures = 0;
    transport.onClose((reason) => {
      current = null;
      retryLater(reason, Math.random() * firstRetryMs);
    });
    events.emit('open');
    return transport;
  };

  const retryLater = (error: unknown, delayMs: number | null): void => {
    if (controller.signal.aborted) return;
    failures += 1;
    const failure = toFailure(error, 'forward', delayMs === null ? null : Date.now() + delayMs);
    away = { kind: delayMs === null ? 'failed' : 'retrying', failure };
    onState(away);
    timer = delayMs === null ? null : setTimeout(retry, delayMs);
  };

  const retry = (): void => {
    timer = null;
    trying = true;
    const tried = attempt().finally(() => {
      trying = false;
    });
    tried.then(
      () => onState({ kind: 'open' }),
      (error: unknown) => {
        const { code } = toFailure(error, 'forward');
        retryLater(error, retryDelayMs(code, failures, Math.random()));
      },
    );
  };

  const whyAway = (): AppError => {
    if (away.kind === 'open') return new AppError('connection-lost', { step: 'forward' });
    return new AppError(away.failure.code, { step: 'forward', detail: away.failure.detail });
  };

  return {
    open: attempt,
    async get(timeoutMs) {
      if (current === null) {
        if (away.kind === 'failed' && !trying) throw whyAway();
        const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), controller.signal]);
        await once(events, 'open', { signal }).catch(() => {
          throw whyAway();
        });
      }
      if (current === null) throw whyAway();
      return current;
    },
    hurry() {
      if (current !== null || trying || away.kind === 'open' || controller.signal.aborted) return;
      if (timer !== null) clearTimeout(timer);
      retry();
    },
    dispose() {
      controller.abort();
      if (timer !== null) clearTimeout(timer);
    },
  };
}
