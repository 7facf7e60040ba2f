import { setTimeout as delay } from 'node:timers/promises';
import { behind } from '#common/local-loads.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { queueGraphs } from '../graphs.ts';
import { type Io, printJson } from '../io.ts';
import { queuesJson } from '../json.ts';
import { type LiveTopOptions, runLive } from '../live.ts';
import { withPace } from '../options.ts';
import { queuesView } from '../queue-view.ts';
import { type Session, withSession } from '../session.ts';

/** Between the two samples that a rate takes. */
const betweenSamplesMs = 1000;

/** How busy the models of all hosts are, and those that answer on ports of this computer. */
export function vllmQueueTop(options: LiveTopOptions, io: Io): Promise<number> {
  return withSession({ ...options, change: withPace(options) }, io, (session) =>
    runLive(session, options, io, {
      thisComputer: true,
      print: (snapshot) => printJson(io.out, queuesJson(ofHosts(snapshot, options))),
      view: (snapshot, style) => {
        const shown = ofHosts(snapshot, options);
        return queuesView(shown, style, queueGraphs(session.engine, shown, options.history));
      },
      beforeOnce: () => sampleAgain(session, io),
    }),
  );
}

/** With a pattern for hosts, of this computer only what leads to one of them. */
function ofHosts(snapshot: Snapshot, { hostRegex }: LiveTopOptions): Snapshot {
  if (hostRegex === undefined) return snapshot;
  const localServers = snapshot.localServers.filter((server) => behind(server, snapshot).hostId !== null);
  return { ...snapshot, localServers };
}

/** Rates are differences: one look at the servers tells none. */
async function sampleAgain({ engine }: Session, { interrupted }: Io): Promise<void> {
  const { servers, localServers } = engine.snapshot();
  if ([...servers, ...localServers].every(({ loads }) => loads.length === 0)) return;
  await delay(betweenSamplesMs, undefined, { signal: interrupted }).catch(() => undefined);
  if (interrupted.aborted) return;
  await Promise.all([engine.refresh(), engine.lookAround({ ask: 'nothing', loads: true })]);
}
