import { describeFailure } from '#common/failure.ts';
import type { OtherForward } from '#common/other-forwards.ts';
import { failureOf } from '#common/select/failures.ts';
import type { Snapshot } from '#common/snapshot.ts';
import type { Engine } from '#engine/engine.ts';
import type { Unasked } from '#engine/this-computer/observer.ts';
import { parseSessionName } from '#engine/this-computer/session-name.ts';
import { createTmux } from '#engine/this-computer/tmux.ts';
import { exitCodes, type Io, printJson } from '../io.ts';
import { sessionsJson } from '../json.ts';
import { hasPerson, readLine } from '../line-reader.ts';
import { otherForwardsView } from '../local-views.ts';
import { lookAround } from '../look-around.ts';
import { printLook } from '../look-shown.ts';
import type { CommonOptions } from '../options.ts';
import { withSession } from '../session.ts';
import { didYouMean, sentences } from '../suggest.ts';
import { visible } from '../text-width.ts';

export interface PrefixOptions extends CommonOptions {
  /** What the names of the sessions begin with. */
  readonly tmuxPrefix: string;
}

/** The tmux sessions that hold forwards, and for people the ssh processes beside them. Contacts no host. */
export function tmuxForwards(options: PrefixOptions, io: Io): Promise<number> {
  return withSession({ ...options, about: 'this-computer' }, io, async ({ engine }) => {
    const { json } = options;
    const unread = await unreadSessions(options, io);
    return await printLook(engine, io, {
      json,
      // As JSON it says nothing of plain ssh, and so asks none.
      look: { only: json ? inTmux : () => true },
      view: (snapshot, style) => [...otherForwardsView(snapshot, style), ...unread],
      toJson: ({ otherForwards }) => sessionsJson(otherForwards.forwards),
    });
  });
}

/** One line of the sessions with the prefix whose names say no host and ports; none where there is no such session. */
async function unreadSessions({ tmuxPrefix }: PrefixOptions, io: Io): Promise<readonly string[]> {
  const { sessions } = await createTmux(io).list();
  const unread = sessions.filter(
    ({ name }) => name.startsWith(tmuxPrefix) && parseSessionName(name, tmuxPrefix) === null,
  );
  const names = unread.map(({ name }) => visible(name)).join(', ');
  return unread.length === 0 ? [] : ['', `No forward by its name (${tmuxPrefix}HOST_PORT_PORT): ${names}`];
}

export interface KillOptions extends CommonOptions {
  /** Also a session that holds no forward. */
  readonly any?: true;
}

/** Ends the session of this name, if it holds a forward, or any is to be ended. */
export function killTmux(name: string, options: KillOptions, io: Io): Promise<number> {
  return withSession({ ...options, about: 'this-computer' }, io, async ({ engine }) => {
    const isNamed = (forward: Unasked) => forward.owner.kind === 'tmux' && forward.owner.session === name;
    const sessions = sessionsOf(await lookAround(engine, { only: isNamed }));
    const found = sessions.find(({ session }) => session === name);
    if (found === undefined) return await killOther(name, options, io);
    await engine.handlers['otherForwards.kill']({ id: found.forward.id });
    printKilled([found.forward], options, io);
    return exitCodes.ok;
  });
}

async function killOther(name: string, { any, json }: KillOptions, io: Io): Promise<number> {
  const tmux = createTmux(io);
  const names = (await tmux.list()).sessions.map((session) => session.name);
  const isThere = names.includes(name);
  if (!isThere || !any) {
    const said = isThere
      ? `The tmux session ${name} holds no forward, and only those that do are ended. With --any it is ended too.`
      : sentences(`There is no tmux session ${name}.`, didYouMean(name, names));
    io.err.write(`${said}\n`);
    return exitCodes.failed;
  }
  await tmux.kill(name);
  const ended = {
    session: name,
    alias: null,
    remotePort: null,
    localPort: null,
    model: null,
    status: 'killed',
  };
  if (json) printJson(io.out, { sessions: [ended] });
  else io.out.write(`Ended ${name}.\n`);
  return exitCodes.ok;
}

export interface CleanOptions extends PrefixOptions {
  /** No question is asked. */
  readonly yes?: true;
  /** False: also the sessions through which no model answers. */
  readonly model: boolean;
}

/** Ends the sessions whose forwards are dead, after a person has agreed to each of them by name. */
export function cleanTmuxForwards(options: CleanOptions, io: Io): Promise<number> {
  return withSession({ ...options, about: 'this-computer' }, io, async ({ engine }) => {
    const noModel = !options.model;
    const snapshot = await lookAround(engine, { only: inTmux, ask: noModel ? 'models' : 'listens' });
    const dead = sessionsOf(snapshot).filter(
      ({ forward: { state } }) => state.kind === 'dead' || (noModel && state.kind === 'no-model'),
    );
    for (const { session, forward } of dead) io.err.write(`${session}: ${reasonOf(forward)}\n`);
    if (dead.length === 0) io.err.write(`${noModel ? nothingToEnd.noModel : nothingToEnd.dead}\n`);
    const answer = dead.length === 0 || options.yes ? 'yes' : await askToEnd(dead.length, io);
    if (typeof answer === 'number') return answer;
    printKilled(answer === 'yes' ? await clean(dead, engine, noModel) : [], options, io);
    return exitCodes.ok;
  });
}

const nothingToEnd = {
  dead: 'No tmux session holds a dead forward. With --no-model, those through which no model answers are ended too.',
  noModel: 'Through the forward of each tmux session a model answers.',
} as const;

function inTmux({ owner }: Unasked): boolean {
  return owner.kind === 'tmux';
}

interface Session {
  readonly session: string;
  readonly forward: OtherForward;
}

function sessionsOf({ otherForwards }: Snapshot): readonly Session[] {
  return otherForwards.forwards.flatMap((forward) =>
    forward.owner.kind === 'tmux' ? { session: forward.owner.session, forward } : [],
  );
}

function reasonOf({ state }: OtherForward): string {
  const failure = failureOf(state);
  return failure === null ? '' : describeFailure(failure);
}

/** What the person says; a number is what to end with when there was no answer, or an interruption. */
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

async function clean(
  dead: readonly Session[],
  engine: Engine,
  noModel: boolean,
): Promise<readonly OtherForward[]> {
  if (dead.length === 0) return [];
  const ended = await engine.handlers['otherForwards.clean']({
    ids: dead.map(({ forward }) => forward.id),
    noModel,
  });
  const ids = new Set(ended.map(({ id }) => id));
  return dead.map(({ forward }) => forward).filter(({ id }) => ids.has(id));
}

function printKilled(killed: readonly OtherForward[], { json }: CommonOptions, io: Io): void {
  if (json) printJson(io.out, sessionsJson(killed, 'killed'));
  else for (const { owner } of killed) if (owner.kind === 'tmux') io.out.write(`Ended ${owner.session}.\n`);
}
