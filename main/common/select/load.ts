/** How busy models are, as far as their servers report it. */

import type { ErrorCode } from '../failure.ts';
import type { Model, ModelLoad, ModelServer, ServerState } from '../servers.ts';
import { loadOf } from './servers.ts';

/** From this use of its KV cache on, in per cent, a model is as good as full: its next long request waits. */
export const fullKvPct = 90;

/** With so many requests waiting, a queue is long: also the number that a new rule about queues begins with. */
export const longQueue = 10;

/**
 * Whether a model is busy: its server is up, and requests wait for it, or its KV cache is filled to {@link fullKvPct}. How
 * many requests run says nothing alone, for no server reports how many it could run. False where neither is known.
 */
export function isBusy(state: ServerState, load: ModelLoad | null): boolean {
  if (state.kind !== 'up' || load === null) return false;
  return (load.waiting ?? 0) > 0 || (load.kvCachePct ?? 0) >= fullKvPct;
}

/** What the load of a model's server says of a new request: null where it says nothing. */
export function requestsOf({ running, waiting }: ModelLoad): number | null {
  return running === null && waiting === null ? null : (running ?? 0) + (waiting ?? 0);
}

/** A model on a server, and why that cannot be forwarded; null when it can. */
export interface Candidate {
  readonly server: ModelServer;
  readonly model: Model | null;
  readonly why: ErrorCode | null;
}

/**
 * The row whose server would answer a new request soonest: the least requests that run or wait, then the least use of the KV
 * cache; unknown numbers come last, and equal rows stay in their order. Only servers that are up and can be forwarded are
 * asked: never one that is locked, starting, asleep, failed or lost. Undefined where there is none.
 */
export function leastBusy<Row extends Candidate>(rows: readonly Row[]): Row | undefined {
  const ranked = rows.flatMap((row) => {
    const { server, model, why } = row;
    if (server.state.kind !== 'up' || model === null || why !== null) return [];
    const load = loadOf(server, model);
    const requests = (load && requestsOf(load)) ?? Number.POSITIVE_INFINITY;
    return [{ row, requests, kvPct: load?.kvCachePct ?? Number.POSITIVE_INFINITY }];
  });
  return ranked.sort((a, b) => ascending(a.requests, b.requests) || ascending(a.kvPct, b.kvPct))[0]?.row;
}

/** Two infinities are equal; their difference is no number. */
function ascending(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
