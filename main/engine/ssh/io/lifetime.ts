import { AppError } from '#common/failure.ts';
import { after } from '#common/timer.ts';
import type { OpenOptions } from '../transport.ts';

/** When a connection ends and who must know: its streams, its open requests, its callers. */
export interface Lifetime {
  /** Why it has ended; null while it has not. */
  readonly reason: () => AppError | null;
  /** Tells every listener once; the first reason counts. */
  end(reason: AppError): void;
  /** Calls the listener at the end, or at once after it. Returns the removal. */
  onEnd(listener: (reason: AppError) => void): () => void;
}

export function createLifetime(): Lifetime {
  const listeners = new Set<(reason: AppError) => void>();
  let ended: AppError | null = null;
  return {
    reason: () => ended,
    end(reason) {
      if (ended !== null) return;
      ended = reason;
      const called = [...listeners];
      listeners.clear();
      for (const listener of called) listener(reason);
    },
    onEnd(listener) {
      if (ended !== null) listener(ended);
      else listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export interface Request<T> extends OpenOptions {
  readonly lifetime: Lifetime;
  /** Sends the request. What it throws rejects it. */
  readonly start: (answer: (error: Error | null, value?: T) => void) => void;
  readonly onTimeout: () => AppError;
  /** Takes an answer that comes when no caller waits any more. */
  readonly discard?: (value: T) => void;
}

const defaultTimeoutMs = 10_000;

/** Resolves with the answer, or rejects with whatever comes first: its error, the timeout, the abort, the end. */
export function request<T>(options: Request<T>): Promise<T> {
  const { lifetime, start, onTimeout, discard, signal, timeoutMs = defaultTimeoutMs } = options;
  return new Promise((resolve, reject) => {
    const ended = lifetime.reason();
    if (ended !== null) return reject(ended);
    if (signal?.aborted) return reject(new AppError('cancelled'));
    let settled = false;
    const settle = (error: Error | null, value?: T): void => {
      if (settled) {
        if (value !== undefined) discard?.(value);
        return;
      }
      settled = true;
      timer.cancel();
      offEnd();
      signal?.removeEventListener('abort', onAbort);
      if (value !== undefined) resolve(value);
      else reject(error);
    };
    const timer = after(timeoutMs, () => settle(onTimeout()));
    const offEnd = lifetime.onEnd(settle);
    const onAbort = (): void => settle(new AppError('cancelled'));
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      start(settle);
    } catch (error) {
      settle(error instanceof Error ? error : new Error(String(error)));
    }
  });
}
