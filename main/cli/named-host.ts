/** What the commands about one named host share: that it is not there, that it wants a login, why it could not be reached. */

import { AppError, describeFailure, errors } from '#common/failure.ts';
import type { HostId } from '#common/ids.ts';
import { isUp } from '#common/select/hosts.ts';
import { canLogIn } from '#common/select/remedies.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import type { Engine } from '#engine/engine.ts';
import { logInAtTerminal } from './asking.ts';
import { exitCodes, type Io } from './io.ts';
import { didYouMean, sentences } from './suggest.ts';

/** Why there is no such host, and which is nearest; null where there is one. */
export function unknownHost(typed: string, { hosts, excludedAliases, source }: Snapshot): string | null {
  if (hosts.some(({ id }) => id === typed)) return null;
  if (excludedAliases.includes(typed)) return `${typed} is switched off in the settings.`;
  const where = source.kind === 'demo' ? 'the demo cluster' : source.path;
  return sentences(
    `There is no host ${typed} in ${where}.`,
    didYouMean(
      typed,
      hosts.map(({ alias }) => alias),
    ),
  );
}

/** Asks the person what the host wants to know; false when it wants nothing that a person could tell. */
export async function logInFor(hostId: HostId, engine: Engine, io: Io): Promise<boolean> {
  const host = () => engine.snapshot().hosts.find(({ id }) => id === hostId);
  await engine.scan([hostId]);
  const before = host();
  if (before === undefined || (!canLogIn(before) && before.state.kind !== 'hostkey-unknown')) return false;
  await logInAtTerminal(engine, io, [hostId]);
  const after = host();
  return after !== undefined && isUp(after.state);
}

/**
 * Says what failed and what to do; the exit code tells a host that could not be reached from everything else. The demo cluster ends
 * with the command, and no line to type reaches it then.
 */
export function explain(
  error: unknown,
  { err }: Pick<Io, 'err'>,
  { source }: Pick<Snapshot, 'source'>,
): number {
  if (!(error instanceof AppError)) throw error;
  const { hint } = errorsEn[error.code];
  const { state } = errors[error.code];
  err.write(`${describeFailure(error)}.\n${hint}\n`);
  if (error.command !== null && source.kind !== 'demo')
    err.write(`To see it in a terminal: ${error.command}\n`);
  return state === null ? exitCodes.failed : exitCodes.noAnswer;
}
