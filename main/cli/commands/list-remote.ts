import { exitCodes, type Io, printJson } from '../io.ts';
import { modelsJson } from '../json.ts';
import type { CommonOptions } from '../options.ts';
import { answerCode, printView, scanAll, scanned, textStyle, withSession } from '../session.ts';
import { modelsView } from '../views.ts';

export interface ListRemoteOptions extends CommonOptions {
  /** Ask these ports alone; default: every one that is found to listen. */
  readonly remotePort?: readonly number[];
}

/** The models that run on all hosts; with --debug also the hosts that have none. */
export function listRemote(options: ListRemoteOptions, io: Io): Promise<number> {
  return withSession(options, io, async (session) => {
    if (!(await scanAll(session, io))) return exitCodes.interrupted;
    const snapshot = scanned(session.engine);
    if (options.json) printJson(io.out, modelsJson(snapshot));
    else printView(modelsView(snapshot, textStyle(io), { withoutModels: options.debug === true }), io);
    return answerCode(snapshot);
  });
}
