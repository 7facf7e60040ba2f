import pLimit from 'p-limit';

export interface BoundedOptions {
  /** How many run at once. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Called after each item that was really worked on, with the number of those so far. */
  readonly onProgress: (done: number) => void;
}

export type Outcome<Result> =
  | { readonly kind: 'done'; readonly value: Result }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'cancelled' };

/**
 * Works on all items, at most `limit` at once, and returns their outcomes in the order of the items. One item's failure
 * is its own outcome. After the signal fires nothing new starts, and what had not started is `cancelled`. Never rejects.
 */
export async function mapBounded<Item, Result>(
  items: readonly Item[],
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
  { limit, signal, onProgress }: BoundedOptions,
): Promise<Outcome<Result>[]> {
  const run = pLimit(limit);
  let done = 0;
  const one = async (item: Item): Promise<Outcome<Result>> => {
    if (signal.aborted) return { kind: 'cancelled' };
    const outcome = await work(item, signal).then(
      (value): Outcome<Result> => ({ kind: 'done', value }),
      (error: unknown): Outcome<Result> => ({ kind: 'failed', error }),
    );
    // Work that ended because of the signal is no result, even where it ended quietly.
    if (signal.aborted) return { kind: 'cancelled' };
    done += 1;
    onProgress(done);
    return outcome;
  };
  return Promise.all(items.map((item) => run(one, item)));
}
