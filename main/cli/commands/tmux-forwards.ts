import { describeFailure } from '#common/errors.ts';
import type { ForeignForward } from '#common/forwards.ts';
import type { Snapshot } from '#common/model.ts';
import { failureOf } from '#common/select.ts';
import type { Engine } from '#engine/engine.ts';
import { exitCodes, type Io, printJson, printLines } from '../io.ts';
import { sessionsJson } from '../json.ts';
import { hasPerson, readLine } from '../line-reader.ts';
import { elsewhereView } from '../local-views.ts';
import { lookAround } from '../look-around.ts';
import type { CommonOptions } from '../options.ts';
import { textStyle, withSession } from '../session.ts';

/** The tmux sessions that hold forwards, and for people the ssh processes beside them. Contacts no host. */
export function tmuxForwards(options: CommonOptions, io: Io): Promise<number> {
  return withSession(options, io, async ({ engine }) => {
    const snapshot = await lookAround(engine);
    if (options.json) printJson(io.out, sessionsJson(snapshot.elsewhere.forwards));
    else printLines(io.out, elsewhereView(snapshot, textStyle(io)));
    return exitCodes.ok;
  });
}

/** Ends the session of this name, if it holds a forward. */
export function killTmux(name: string, options: CommonOptions, io: Io): Promise<number> {
  return withSession(options, io, async ({ engine }) => {
    const snapshot = await lookAround(engine);
    const found = sessionsOf(snapshot).find(({ session }) => session === name);
    if (found === undefined) {
      io.err.write(`There is no tmux session ${name} that holds a forward.\n`);
      return exitCodes.failed;
    }
    await engine.handlers['elsewhere.kill']({ id: found.forward.id });
    printKilled([found.forward], options, io);
    return exitCodes.ok;
  });
}

export interface CleanOptions extends CommonOptions {
  /** Nobody is asked. */
  readonly yes?: true;
}

/** Ends the sessions whose forwards are dead, after a person has agreed to each of them by name. */
export function cleanTmuxForwards(options: CleanOptions, io: Io): Promise<number> {
  return withSession(options, io, async ({ engine }) => {
    const dead = sessionsOf(await lookAround(engine)).filter(({ forward }) => forward.state.kind === 'dead');
    for (const { session, forward } of dead) io.err.write(`${session}: ${reasonOf(forward)}\n`);
    if (dead.length === 0) io.err.write('No tmux session holds a dead forward.\n');
    const answer = dead.length === 0 || options.yes ? 'yes' : await askToEnd(dead.length, io);
    if (typeof answer === 'number') return answer;
    printKilled(answer === 'yes' ? await clean(dead, engine) : [], options, io);
    return exitCodes.ok;
  });
}

interface Session {
  readonly session: string;
  readonly forward: ForeignForward;
}

function sessionsOf({ elsewhere }: Snapshot): readonly Session[] {
  return elsewhere.forwards.flatMap((forward) =>
    forward.owner.kind === 'tmux' ? { session: forward.owner.session, forward } : [],
  );
}

function reasonOf({ state }: ForeignForward): string {
  const failure = failureOf(state);
  return failure === null ? '' : describeFailure(failure);
}

/** What the person says; a number is what to end with when there was nobody, or an interruption. */
async function askToEnd(sessions: number, io: Io): Promise<'yes' | 'no' | number> {
  if (!hasPerson(io)) {
    io.err.write('error: there is no terminal to ask at; give --yes to end them.\n');
    return exitCodes.badUsage;
  }
  io.err.write(`End ${sessions === 1 ? 'this session' : `these ${sessions} sessions`}? [y/N] `);
  const typed = await readLine(io, { echo: true, signal: io.interrupted });
  if (typed.kind === 'interrupted' || io.interrupted.aborted) return exitCodes.interrupted;
  return typed.kind === 'line' && /^y(?:es)?$/i.test(typed.text.trim()) ? 'yes' : 'no';
}

async function clean(dead: readonly Session[], engine: Engine): Promise<readonly ForeignForward[]> {
  if (dead.length === 0) return [];
  const ended = await engine.handlers['elsewhere.clean']({ ids: dead.map(({ forward }) => forward.id) });
  const ids = new Set(ended.map(({ id }) => id));
  return dead.map(({ forward }) => forward).filter(({ id }) => ids.has(id));
}

function printKilled(killed: readonly ForeignForward[], { json }: CommonOptions, io: Io): void {
  if (json) printJson(io.out, sessionsJson(killed, 'killed'));
  else for (const { owner } of killed) if (owner.kind === 'tmux') io.out.write(`Ended ${owner.session}.\n`);
}
