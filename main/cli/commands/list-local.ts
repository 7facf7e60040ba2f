import { exitCodes, type Io, printJson, printLines } from '../io.ts';
import { localJson } from '../json.ts';
import { localView } from '../local-views.ts';
import { lookAround } from '../look-around.ts';
import type { CommonOptions } from '../options.ts';
import { textStyle, withSession } from '../session.ts';

/** The models that answer on ports of this computer, forwarded or served here. Contacts no host. */
export function listLocal(options: CommonOptions, io: Io): Promise<number> {
  return withSession(options, io, async ({ engine }) => {
    const snapshot = await lookAround(engine);
    if (options.json) printJson(io.out, localJson(snapshot));
    else printLines(io.out, localView(snapshot, textStyle(io)));
    return exitCodes.ok;
  });
}
