/** Which replica of a model a request goes to, and which one after that. Pure. */

import { createHash } from 'node:crypto';
import type { Replica } from './catalogue.ts';

/** What is known of a replica when the choice is made. */
export interface Weighed {
  readonly replica: Replica;
  /** Running and waiting requests, as far as they are known: see {@link LoadBook}. */
  readonly load: number;
  /** Whether it did not answer a request a moment ago. */
  readonly isDoubtful: boolean;
  /** When the gateway chose it last, 0: never; of those that are equal the one that has waited longest comes first. */
  readonly usedAt: number;
}

/**
 * The replicas in the order in which they are tried: least load first, then the emptiest KV cache, then the quickest first token.
 * With `stick`, a text that is the same for requests that belong together, the one that this text falls on comes first, unless it
 * is much busier than the least busy one.
 */
export function inOrder(replicas: readonly Weighed[], stick: string | null): readonly Replica[] {
  const ordered = [...replicas].sort(
    (a, b) =>
      Number(a.isDoubtful) - Number(b.isDoubtful) ||
      a.load - b.load ||
      kvCachePct(a.replica) - kvCachePct(b.replica) ||
      firstTokenMs(a.replica) - firstTokenMs(b.replica) ||
      a.usedAt - b.usedAt,
  );
  const least = Math.min(...replicas.map(({ load }) => load));
  const isFree = ({ isDoubtful, load }: Weighed): boolean => !isDoubtful && load <= 2 * least + slack;
  const stuck = stick === null ? undefined : fallsOn(ordered.filter(isFree), stick);
  const first = stuck === undefined ? ordered : [stuck, ...ordered.filter((one) => one !== stuck)];
  return first.map(({ replica }) => replica);
}

/** So many requests more than twice the least are still worth a warm prefix cache. */
const slack = 8;
/** What is unknown is as good as half. */
const unknownPct = 50;

/** Rendezvous hashing: each text has an order of its own of all replicas, which does not change with the others. */
function fallsOn(candidates: readonly Weighed[], stick: string): Weighed | undefined {
  const rank = ({ replica }: Weighed): string =>
    createHash('sha256').update(`${stick}\n${replica.id}`).digest('hex');
  return candidates
    .map((one) => ({ one, rank: rank(one) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .at(0)?.one;
}

function kvCachePct({ loads }: Replica): number {
  const known = loads.flatMap((load) => load.kvCachePct ?? []);
  return known.length === 0 ? unknownPct : Math.max(...known);
}

function firstTokenMs({ loads }: Replica): number {
  const known = loads.flatMap((load) => load.ttft?.p50Ms ?? []);
  return known.length === 0 ? Number.MAX_SAFE_INTEGER : Math.max(...known);
}
