import { AppError } from '#common/failure.ts';

/** One piece of work that several callers wait for. */
export interface Shared<T> {
  /** The result. A caller that aborts leaves the others alone; when the last one has, the work itself is aborted. */
  join(signal?: AbortSignal): Promise<T>;
  /** Aborts the work for everybody. */
  abort(): void;
  /** Resolves when the work has ended, however; never rejects. */
  readonly ended: Promise<void>;
}

/** Starts the work at once. `onAbandoned` tells that all callers have left, so that no caller joins an aborted one. */
export function share<T>(work: (signal: AbortSignal) => Promise<T>, onAbandoned: () => void): Shared<T> {
  const controller = new AbortController();
  const result = work(controller.signal).catch((error: unknown) => {
    throw controller.signal.aborted ? controller.signal.reason : error;
  });
  let waiting = 0;
  let settled = false;
  const ended = result.then(
    () => undefined,
    () => undefined,
  );
  void ended.then(() => {
    settled = true;
  });
  const abort = (): void => {
    if (settled || controller.signal.aborted) return;
    onAbandoned();
    controller.abort(new AppError('cancelled'));
  };
  return {
    join: (signal) =>
      new Promise<T>((resolve, reject) => {
        waiting += 1;
        const leave = (): void => {
          waiting -= 1;
          reject(new AppError('cancelled'));
          if (waiting === 0) abort();
        };
        signal?.addEventListener('abort', leave, { once: true });
        if (signal?.aborted) leave();
        result.then(resolve, reject);
        void ended.then(() => signal?.removeEventListener('abort', leave));
      }),
    abort,
    ended,
  };
}
