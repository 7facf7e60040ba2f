import type { ModelLoad } from '#common/servers.ts';
import type { Replica } from './catalogue.ts';
import type { Weighed } from './choice.ts';

/**
 * How busy replicas are: what their metrics said last, which is seconds old, and the gateway's own requests since then. Without
 * metrics its own requests are all that is known.
 */
export interface LoadBook {
  /** A request goes to the replica; returns what is to be called when it has ended. */
  begin(replica: Replica): () => void;
  /** It did not answer: for a moment others are preferred. */
  doubt(replica: Replica): void;
  weigh(replica: Replica): Weighed;
  /** Reads the metrics of replicas that have new ones; to be called as soon as they have. */
  sampled(replicas: Iterable<Pick<Replica, 'id' | 'loads'>>): void;
}

interface Page {
  /** The gateway's own requests there, now and when the metrics were read. */
  running: number;
  runningAtSample: number;
  loads: readonly ModelLoad[] | null;
  doubtedAt: number;
  usedAt: number;
}

const doubtMs = 5000;

export function createLoadBook(now: () => number = () => performance.now()): LoadBook {
  const pages = new Map<string, Page>();
  const pageOf = (id: string): Page => {
    const known = pages.get(id);
    if (known !== undefined) return known;
    const page = { running: 0, runningAtSample: 0, loads: null, doubtedAt: -doubtMs, usedAt: 0 };
    pages.set(id, page);
    return page;
  };
  return {
    begin({ id }) {
      const page = pageOf(id);
      page.running += 1;
      page.usedAt = now();
      let ended = false;
      return () => {
        if (!ended) page.running -= 1;
        ended = true;
      };
    },
    doubt({ id }) {
      pageOf(id).doubtedAt = now();
    },
    weigh(replica) {
      const { running, runningAtSample, doubtedAt, usedAt } = pageOf(replica.id);
      const measured = requestsIn(replica.loads);
      const load = measured === null ? running : Math.max(running, measured + running - runningAtSample);
      return { replica, load, isDoubtful: now() - doubtedAt < doubtMs, usedAt };
    },
    sampled(replicas) {
      const ids = new Set<string>();
      for (const { id, loads } of replicas) {
        ids.add(id);
        const page = pageOf(id);
        if (page.loads === loads) continue;
        page.loads = loads;
        page.runningAtSample = page.running;
      }
      for (const [id, page] of pages) if (!ids.has(id) && page.running === 0) pages.delete(id);
    },
  };
}

/** Running and waiting requests of all models of a server; null where none of it is known. */
function requestsIn(loads: readonly ModelLoad[]): number | null {
  const known = loads.flatMap(({ running, waiting }) => [running ?? [], waiting ?? []].flat());
  return known.length === 0 ? null : known.reduce((sum, count) => sum + count, 0);
}
