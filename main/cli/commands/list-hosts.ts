import { sayFailed } from '../failures.ts';
import { exitCodes, type Io, printJson, printLines } from '../io.ts';
import { hostsJson } from '../json.ts';
import type { CommonOptions } from '../options.ts';
import { textStyle, withSession } from '../session.ts';
import { hostsView } from '../views.ts';

/** The hosts of the configuration with what ssh makes of them. Contacts no host. */
export function listHosts(options: CommonOptions, io: Io): Promise<number> {
  return withSession(options, io, async ({ engine }) => {
    const resolved = await engine.resolveHosts();
    if (!resolved)
      io.err.write('There are too many hosts to ask ssh about each: only their names are listed.\n');
    const snapshot = engine.snapshot();
    sayFailed(snapshot, io);
    if (options.json) printJson(io.out, hostsJson(snapshot));
    else printLines(io.out, hostsView(snapshot, textStyle(io)));
    return exitCodes.ok;
  });
}
