import { type Io, printJson } from '../io.ts';
import { gpusJson } from '../json.ts';
import { type LiveOptions, runLive } from '../live.ts';
import { withSession } from '../session.ts';
import { gpusView } from '../views.ts';

/** The GPUs of all hosts, the most idle ones first. */
export function gpuIdleTop(options: LiveOptions, io: Io): Promise<number> {
  return withSession(options, io, (session) =>
    runLive(session, options, io, {
      print: (snapshot) => printJson(io.out, gpusJson(snapshot)),
      view: gpusView,
    }),
  );
}
