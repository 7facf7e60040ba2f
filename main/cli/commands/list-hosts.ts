import { describeFailure } from '#common/errors.ts';
import { failureOf } from '#common/select.ts';
import { exitCodes, type Io, printJson, printLines } from '../io.ts';
import { hostsJson } from '../json.ts';
import type { CommonOptions } from '../options.ts';
import { textStyle, withSession } from '../session.ts';
import { hostsView } from '../views.ts';

/** The hosts of the configuration with what ssh makes of them. Contacts nobody. */
export function listHosts(options: CommonOptions, io: Io): Promise<number> {
  return withSession(options, io, async ({ engine }) => {
    await engine.resolveHosts();
    const snapshot = engine.snapshot();
    for (const { alias, state } of snapshot.hosts) {
      const failure = failureOf(state);
      if (failure !== null) io.err.write(`${alias}: ${describeFailure(failure)}\n`);
    }
    if (options.json) printJson(io.out, hostsJson(snapshot));
    else printLines(io.out, hostsView(snapshot, textStyle(io)));
    return exitCodes.ok;
  });
}
