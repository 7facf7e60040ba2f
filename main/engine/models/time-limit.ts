import { AppError } from '#common/failure.ts';
import { after } from '#common/timer.ts';

/** How long one request may take. */
export interface TimeLimit {
  /** Aborts with what the limit throws when the time is over, with `cancelled` when the caller's signal aborts. */
  readonly signal: AbortSignal;
  /** To be called when the request is over. */
  end(): void;
}

export function timeLimit(ms: number, late: () => AppError, signal: AbortSignal | undefined): TimeLimit {
  const ending = new AbortController();
  const cancel = (): void => ending.abort(new AppError('cancelled', { step: 'models' }));
  const timer = after(ms, () => ending.abort(late()));
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  return {
    signal: ending.signal,
    end() {
      timer.cancel();
      signal?.removeEventListener('abort', cancel);
    },
  };
}
