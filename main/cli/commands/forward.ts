import { AppError, describeFailure, errors } from '#common/errors.ts';
import type { Forward } from '#common/forwards.ts';
import type { HostId } from '#common/model.ts';
import { canLogIn, forwardUrl, isUp } from '#common/select.ts';
import type { Engine } from '#engine/engine.ts';
import { logInAtTerminal } from '../asking.ts';
import { exitCodes, type Io, interruption, printJson } from '../io.ts';
import { hasPerson } from '../line-reader.ts';
import type { CommonOptions } from '../options.ts';
import { withSession } from '../session.ts';

export interface ForwardOptions extends CommonOptions {
  /** Default: the next free one of the range in the settings. */
  readonly localPort?: number;
}

export interface ForwardTarget {
  readonly host: string;
  readonly port: number;
}

/** Forwards a port of a host to this computer, says where once it listens, and holds it until the interruption. */
export function forward(target: ForwardTarget, options: ForwardOptions, io: Io): Promise<number> {
  return withSession(options, io, async ({ engine }) => {
    const open = async (): Promise<Forward> =>
      engine.handlers['forward.open']({
        hostId: target.host,
        remotePort: target.port,
        localPort: options.localPort,
      });
    const opening = open().catch(async (error: unknown) => {
      if (!hasPerson(io) || !(await logInFor(target.host, engine, io))) throw error;
      return await open();
    });
    const opened = await Promise.race([
      opening.catch((error: unknown) => explain(error, io)),
      interruption(io).then(() => exitCodes.interrupted),
    ]);
    if (typeof opened === 'number') return opened;
    const { hostId: alias, remotePort, localPort } = opened;
    const url = forwardUrl(opened);
    if (options.json) printJson(io.out, { alias, remotePort, localPort, url });
    else io.out.write(`${alias}:${remotePort} is at ${url} until Ctrl-C.\n`);
    await interruption(io);
    return exitCodes.ok;
  });
}

/** Asks the person what the host wants to know; false when it wants nothing that a person could tell. */
async function logInFor(hostId: HostId, engine: Engine, io: Io): Promise<boolean> {
  const host = () => engine.snapshot().hosts.find(({ id }) => id === hostId);
  await engine.scan([hostId]);
  const before = host();
  if (before === undefined || (!canLogIn(before) && before.state.kind !== 'hostkey-unknown')) return false;
  await logInAtTerminal(engine, io, [hostId]);
  const after = host();
  return after !== undefined && isUp(after.state);
}

/** Says what failed and what to do; the exit code tells a host that could not be reached from everything else. */
function explain(error: unknown, { err }: Io): number {
  if (!(error instanceof AppError)) throw error;
  const { hint, state } = errors[error.code];
  err.write(`${describeFailure(error)}.\n${hint}\n`);
  if (error.command !== null) err.write(`To see it in a terminal: ${error.command}\n`);
  return state === null ? exitCodes.failed : exitCodes.noAnswer;
}
