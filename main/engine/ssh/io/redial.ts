import { every, type Timer } from '#common/timer.ts';

/**
 * Makes the attempt, and beside it the same again each time that it has been silent for `everyMs`: a system that asks in
 * vain waits longer and longer before it asks again, up to half a minute. What comes first counts, success or failure, and
 * the others are aborted; what one of them has opened all the same is discarded.
 */
export async function redial<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  { everyMs, signal, discard }: RedialOptions<T>,
): Promise<T> {
  const others = new AbortController();
  const both = AbortSignal.any([signal, others.signal]);
  const made: Promise<T>[] = [];
  let timer: Timer | null = null;
  const first = await new Promise<T>((resolve, reject) => {
    const make = (): void => {
      const one = attempt(both);
      made.push(one);
      one.then(resolve, reject);
    };
    make();
    timer = every(everyMs, make);
  }).finally(() => {
    timer?.cancel();
    others.abort();
  });
  for (const one of made) {
    one.then(
      (result) => result !== first && discard(result),
      () => undefined,
    );
  }
  return first;
}

export interface RedialOptions<T> {
  readonly everyMs: number;
  readonly signal: AbortSignal;
  readonly discard: (result: T) => void;
}
