import { exitCodes, type Io, printJson, printLines } from '../io.ts';
import { modelsJson } from '../json.ts';
import type { CommonOptions } from '../options.ts';
import { answerCode, scanAll, textStyle, withSession } from '../session.ts';
import { modelsView } from '../views.ts';

export interface ListRemoteOptions extends CommonOptions {
  /** Ask these ports alone; default: every one that is found to listen. */
  readonly remotePort?: readonly number[];
}

/** The models that run on all hosts. */
export function listRemote(options: ListRemoteOptions, io: Io): Promise<number> {
  return withSession(options, io, async (session) => {
    if (!(await scanAll(session, io))) return exitCodes.interrupted;
    const snapshot = session.engine.snapshot();
    if (options.json) printJson(io.out, modelsJson(snapshot));
    else printLines(io.out, modelsView(snapshot, textStyle(io)));
    return answerCode(snapshot);
  });
}
