import { gpuGraphs } from '../graphs.ts';
import { type Io, printJson } from '../io.ts';
import { gpusJson } from '../json.ts';
import { type LiveTopOptions, runLive } from '../live.ts';
import { withPace } from '../options.ts';
import { withSession } from '../session.ts';
import { gpusView } from '../views.ts';

/** The GPUs of all hosts, the most idle ones first. */
export function gpuIdleTop(options: LiveTopOptions, io: Io): Promise<number> {
  return withSession({ ...options, change: withPace(options) }, io, (session) =>
    runLive(session, options, io, {
      print: (snapshot) => printJson(io.out, gpusJson(snapshot)),
      view: (snapshot, style) =>
        gpusView(
          snapshot,
          style,
          // One measurement is no graph.
          style.nowMs === undefined ? null : gpuGraphs(session.engine, snapshot, options.history),
        ),
    }),
  );
}
