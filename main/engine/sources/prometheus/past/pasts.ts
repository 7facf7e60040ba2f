/** What the sources of Prometheus know of the past of a host or a model server: asked only when a person looks at it. */

import { toFailure } from '#common/failure.ts';
import type { HistoryRange, SourcePast } from '#common/history.ts';
import { type HostId, serverId } from '#common/ids.ts';
import { type Clock, systemClock } from '#common/timer.ts';
import type { Fleet } from '../fleet.ts';
import type { SourceOfHost } from '../running-source.ts';
import type { SourceLoop } from '../source-loop.ts';
import { scrapeOrUsual } from '../survey.ts';
import { gridOf } from './grid.ts';
import { hostQuestions, serverQuestions } from './questions.ts';
import { readPast } from './read-past.ts';

export interface PastRequest {
  readonly hostId: HostId;
  /** Of the model server at this port; absent: of the host's GPUs. */
  readonly port?: number | undefined;
  readonly range: HistoryRange;
}

export interface Pasts {
  /** Of each source that knows it; one that fails says why. Never rejects. */
  of(request: PastRequest): Promise<readonly SourcePast[]>;
}

type Knowing = Extract<SourceOfHost, { readonly kind: 'knows' }>;

interface Kept {
  readonly untilMs: number;
  readonly past: Promise<SourcePast | null>;
}

/** Charts that are opened again, or in several windows, are not asked for again within this time. */
const keepMs = 60_000;

export function createPasts(fleet: Pick<Fleet, 'sourcesOf'>, clock: Clock = systemClock): Pasts {
  const kept = new WeakMap<SourceLoop, Map<string, Kept>>();

  const keptOf = (loop: SourceLoop): Map<string, Kept> => {
    const known = kept.get(loop) ?? new Map<string, Kept>();
    kept.set(loop, known);
    for (const [key, { untilMs }] of known) if (untilMs <= clock.now()) known.delete(key);
    return known;
  };

  const pastOf = (knowing: Knowing, request: PastRequest): Promise<SourcePast | null> => {
    const known = keptOf(knowing.loop);
    const key = JSON.stringify([request.hostId, knowing.entry.found.name, request.port, request.range]);
    const earlier = known.get(key);
    if (earlier !== undefined) return earlier.past;
    const past = ask(knowing, request, clock.wallNow())
      .catch((error: unknown): SourcePast => {
        return { kind: 'failed', source: knowing.source, failure: toFailure(error, 'probe') };
      })
      .then((found) => {
        if (found?.kind !== 'read') known.delete(key);
        return found;
      });
    known.set(key, { untilMs: clock.now() + keepMs, past });
    return past;
  };

  return {
    async of(request) {
      const asked = fleet.sourcesOf(request.hostId).map((one) => {
        if (one.kind === 'knows') return pastOf(one, request);
        return { kind: 'failed', source: one.source, failure: one.failure } as const;
      });
      return (await Promise.all(asked)).filter((past) => past !== null);
    },
  };
}

/** Null where the source has nothing of the kind. Errors: those of the client. */
async function ask(
  { source, loop, entry, survey }: Knowing,
  { hostId, port, range }: PastRequest,
  nowMs: number,
): Promise<SourcePast | null> {
  const { sampledS } = entry.found;
  // The same sample by both clocks.
  const clockAheadMs =
    sampledS === null || entry.measuredAt === null ? 0 : Math.round(sampledS * 1000 - entry.measuredAt);
  const grid = gridOf(range, { nowMs, clockAheadMs, scrapeMs: scrapeOrUsual(survey) });
  const questions =
    port === undefined
      ? hostQuestions({ entry, survey }, grid)
      : serverQuestions({ entry, survey }, port, grid);
  if (questions.length === 0) return null;
  const id = port === undefined ? hostId : serverId(hostId, port);
  const past = await readPast(questions, loop.range, { id, grid, clockAheadMs });
  return { kind: 'read', source, stepMs: grid.stepS * 1000, ...past };
}
