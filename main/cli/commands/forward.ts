import { AppError, describeFailure, errors } from '#common/errors.ts';
import { forwardUrl } from '#common/select.ts';
import { exitCodes, type Io, interruption, printJson } from '../io.ts';
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
    const opening = Promise.resolve(
      engine.handlers['forward.open']({
        hostId: target.host,
        remotePort: target.port,
        localPort: options.localPort,
      }),
    );
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

/** Says what failed and what to do; the exit code tells a host that could not be reached from everything else. */
function explain(error: unknown, { err }: Io): number {
  if (!(error instanceof AppError)) throw error;
  const { hint, state } = errors[error.code];
  err.write(`${describeFailure(error)}.\n${hint}\n`);
  if (error.command !== null) err.write(`To see it in a terminal: ${error.command}\n`);
  return state === null ? exitCodes.failed : exitCodes.noAnswer;
}
