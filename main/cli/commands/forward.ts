import { describeFailure, type Failure } from '#common/failure.ts';
import { type ForwardTarget, fieldsOf } from '#common/forward-target.ts';
import type { Forward } from '#common/forwards.ts';
import type { ForwardId } from '#common/ids.ts';
import { forwardUrl } from '#common/select/forwards.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import type { Engine } from '#engine/engine.ts';
import { exitCodes, type Io, interruption, printJson } from '../io.ts';
import { hasPerson } from '../line-reader.ts';
import { explain, logInFor, unknownHost } from '../named-host.ts';
import type { CommonOptions } from '../options.ts';
import { withSession } from '../session.ts';

export interface ForwardOptions extends CommonOptions {
  /** Default: the next free one of the range in the settings. */
  readonly localPort?: number;
}

export interface ForwardPlace {
  readonly host: string;
  readonly target: ForwardTarget;
}

/** Forwards a port of a host to this computer, says where once it listens, and holds it until the interruption. */
export function forward({ host, target }: ForwardPlace, options: ForwardOptions, io: Io): Promise<number> {
  return withSession({ ...options, about: 'named-host' }, io, async ({ engine }) => {
    const unknown = unknownHost(host, engine.snapshot());
    if (unknown !== null) {
      io.err.write(`${unknown}\n`);
      return exitCodes.failed;
    }
    const open = async (): Promise<Forward> =>
      engine.handlers['forward.open']({
        hostId: host,
        ...fieldsOf(target),
        localPort: options.localPort,
      });
    const opening = open().catch(async (error: unknown) => {
      if (!hasPerson(io) || !(await logInFor(host, engine, io))) throw error;
      return await open();
    });
    const opened = await Promise.race([
      opening.catch((error: unknown) => explain(error, io)),
      interruption(io).then(() => exitCodes.interrupted),
    ]);
    if (typeof opened === 'number') return opened;
    const { hostId: alias, remotePort, remoteHost, remoteSocket, localPort, id: name } = opened;
    const url = forwardUrl(opened);
    const dead = deadEnd(opened);
    if (dead !== null) io.err.write(`${name} does not answer: ${describeFailure(dead)}.\n${waits(url)}\n`);
    if (options.json) {
      const beyond = {
        ...(remoteHost !== null && { remoteHost }),
        ...(remoteSocket !== null && { remoteSocket }),
      };
      printJson(io.out, { alias, remotePort, ...beyond, localPort, url });
    } else if (dead === null) io.out.write(`${name} is at ${url} until Ctrl-C.\n`);
    const answers = dead === null || (await untilAnswers(opened.id, engine, io));
    if (dead !== null && answers) io.err.write(`${name} answers now.\n`);
    await interruption(io);
    return answers ? exitCodes.ok : exitCodes.failed;
  });
}

function waits(url: string | null): string {
  return `${errorsEn['target-refused'].hint} ${url ?? 'The local port'} leads there once it runs, until Ctrl-C.`;
}

/** Why the target was not reached when the forward was opened; null where it was. */
function deadEnd({ health, lastError }: Forward): Failure | null {
  return health.kind === 'answering' ? null : lastError;
}

/** Resolves when something has answered through the forward, or at the interruption: whether it has. */
async function untilAnswers(id: ForwardId, engine: Engine, io: Io): Promise<boolean> {
  let stop = (): void => undefined;
  const reached = (): boolean => {
    const forward = engine.snapshot().forwards.find((one) => one.id === id);
    return forward !== undefined && deadEnd(forward) === null;
  };
  const answering = new Promise<void>((resolve) => {
    stop = engine.subscribe(() => {
      if (reached()) resolve();
    });
  });
  await Promise.race([answering, interruption(io)]);
  stop();
  return reached();
}
