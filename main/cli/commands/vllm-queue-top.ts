import { setTimeout as delay } from 'node:timers/promises';
import { columnName, latestValues } from '#common/history.ts';
import type { Snapshot } from '#common/model.ts';
import { queueRows } from '#common/select.ts';
import { type Io, printJson } from '../io.ts';
import { queuesJson } from '../json.ts';
import { type LiveOptions, runLive } from '../live.ts';
import { type Session, withSession } from '../session.ts';
import { type Graphs, queuesView } from '../views.ts';

/** Between the two samples that a rate takes. */
const betweenSamplesMs = 1000;
const graphCells = 24;

/** How busy the models of all hosts are. */
export function vllmQueueTop(options: LiveOptions, io: Io): Promise<number> {
  return withSession(options, io, (session) =>
    runLive(session, options, io, {
      print: (snapshot) => printJson(io.out, queuesJson(snapshot)),
      view: (snapshot, style) => queuesView(snapshot, style, graphsOf(session, snapshot)),
      beforeOnce: () => sampleAgain(session, io),
    }),
  );
}

/** Rates are differences: one look at the servers tells none. */
async function sampleAgain({ engine }: Session, { interrupted }: Io): Promise<void> {
  if (engine.snapshot().servers.every(({ loads }) => loads.length === 0)) return;
  await delay(betweenSamplesMs, undefined, { signal: interrupted }).catch(() => undefined);
  if (!interrupted.aborted) await engine.refresh();
}

function graphsOf({ engine }: Session, snapshot: Snapshot): Graphs {
  const rates = queueRows(snapshot).map(({ key, server, load }) => {
    const [track] = engine.history.read([server.id]);
    const column = columnName(load.model, 'generationTokensPerSecond');
    return [key, latestValues(track, column, graphCells)] as const;
  });
  return { rates: new Map(rates) };
}
