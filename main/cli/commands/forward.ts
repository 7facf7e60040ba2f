import { describeFailure, type Failure } from '#common/failure.ts';
import { fieldsOf, forwardId } from '#common/forward-target.ts';
import type { Forward } from '#common/forwards.ts';
import type { ForwardId } from '#common/ids.ts';
import { forwardUrl } from '#common/select/forwards.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import type { Engine } from '#engine/engine.ts';
import { exitCodes, type Io, interruption, printJson } from '../io.ts';
import { hasPerson } from '../line-reader.ts';
import { explain, logInFor, unknownHost } from '../named-host.ts';
import type { CommonOptions, ForwardPlace } from '../options.ts';
import { withSession } from '../session.ts';

export interface ForwardOptions extends CommonOptions {
  /** Default: the next free one of the range in the settings. */
  readonly localPort?: number;
}

/**
 * Forwards these ports and sockets to this computer, says where once they listen, and holds them until the interruption. One of
 * several that cannot be opened costs a line, and the others stay.
 */
export function forward(places: readonly ForwardPlace[], options: ForwardOptions, io: Io): Promise<number> {
  return withSession({ ...options, about: 'named-host' }, io, async ({ engine }) => {
    const all = await Promise.race([openAll(places, engine, options, io), interruption(io).then(() => null)]);
    if (all === null) return exitCodes.interrupted;
    const opened = all.filter((one) => typeof one !== 'number');
    const isOne = places.length === 1;
    if (options.json && !(isOne && opened.length === 0)) {
      const forwards = opened.map(forwardJson);
      printJson(io.out, isOne ? forwards[0] : { forwards });
    }
    if (opened.length === 0)
      return all.every((one) => one === exitCodes.noAnswer) ? exitCodes.noAnswer : exitCodes.failed;
    const answers = await Promise.all(opened.map((one) => hold(one, engine, io)));
    return answers.includes(true) ? exitCodes.ok : exitCodes.failed;
  });
}

/** Opens all of them at once, and says each as soon as it listens; of one that fails the exit code. A person logs in to one host after the other. */
async function openAll(
  places: readonly ForwardPlace[],
  engine: Engine,
  options: ForwardOptions,
  io: Io,
): Promise<readonly (Forward | number)[]> {
  const open = async ({ host, target }: ForwardPlace): Promise<Forward> =>
    engine.handlers['forward.open']({ hostId: host, ...fieldsOf(target), localPort: options.localPort });
  let before: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<boolean>): Promise<boolean> => {
    const turn = before.then(work);
    before = turn.catch(() => undefined);
    return turn;
  };
  const openOne = async (place: ForwardPlace): Promise<Forward | number> => {
    const { host, target } = place;
    const unknown = unknownHost(host, engine.snapshot());
    if (unknown !== null) {
      io.err.write(`${unknown}\n`);
      return exitCodes.failed;
    }
    try {
      const opened = await open(place).catch(async (error: unknown) => {
        if (!hasPerson(io) || !(await inTurn(() => logInFor(host, engine, io)))) throw error;
        return await open(place);
      });
      announce(opened, options, io);
      return opened;
    } catch (error) {
      if (places.length > 1) io.err.write(`${forwardId(host, target)}: `);
      return explain(error, io, engine.snapshot());
    }
  };
  return Promise.all(places.map(openOne));
}

function announce(opened: Forward, { json }: ForwardOptions, io: Io): void {
  const url = forwardUrl(opened);
  const dead = deadEnd(opened);
  if (dead !== null) io.err.write(`${opened.id} does not answer: ${describeFailure(dead)}.\n${waits(url)}\n`);
  else if (!json) io.out.write(`${opened.id} is at ${url} until Ctrl-C.\n`);
}

function forwardJson(opened: Forward) {
  const { hostId: alias, remotePort, remoteHost, remoteSocket, localPort } = opened;
  const beyond = {
    ...(remoteHost !== null && { remoteHost }),
    ...(remoteSocket !== null && { remoteSocket }),
  };
  return { alias, remotePort, ...beyond, localPort, url: forwardUrl(opened) };
}

/** Waits for the interruption: whether something has answered through the forward. */
async function hold(opened: Forward, engine: Engine, io: Io): Promise<boolean> {
  const isDead = deadEnd(opened) !== null;
  const answers = !isDead || (await untilAnswers(opened.id, engine, io));
  if (isDead && answers) io.err.write(`${opened.id} answers now.\n`);
  await interruption(io);
  return answers;
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
