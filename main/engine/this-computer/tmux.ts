/** The tmux server of the user: which sessions it has, to end one, and to run a program in a new one. */

import { delimiter } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '#common/failure.ts';
import type { OtherForwards } from '#common/other-forwards.ts';
import { plainText } from '#common/text.ts';
import { type RunResult, run } from '../ssh/io/child.ts';

export interface TmuxDeps {
  readonly env: NodeJS.ProcessEnv;
  /** Where new sessions run, and the server that they start: no folder that is to go some day. */
  readonly home: string;
}

export interface TmuxSession {
  readonly name: string;
  /** What runs in its panes. */
  readonly pids: readonly number[];
}

export interface TmuxListing {
  readonly state: OtherForwards['tmux'];
  readonly sessions: readonly TmuxSession[];
}

/** What the terminal of a session shows, and whether its program still runs. */
export interface TmuxView {
  readonly text: string;
  readonly runs: boolean;
}

export interface Tmux {
  /** All sessions; none is no error. `unknown` when tmux does not answer. Never rejects. */
  list(): Promise<TmuxListing>;
  /** Ends the session of exactly this name with all that runs in it. Errors: `not-found`, `tmux-failed`, `tmux-missing`. */
  kill(session: string): Promise<void>;
  /**
   * Runs a program, given word by word, in a new session. When the program ends, the session stays with what was printed
   * until `letGo`. Errors: `tmux-failed`, also where there is a session of that name, and `tmux-missing`; no session is
   * left then.
   */
  start(session: string, words: readonly string[]): Promise<void>;
  /** From now on the session ends with its program. Errors: as `kill`. */
  letGo(session: string): Promise<void>;
  /** Errors: as `kill`. */
  view(session: string): Promise<TmuxView>;
}

const timeoutMs = 5000;
const mostTries = 5;
const stepMs = 50;

export function createTmux({ env, home }: TmuxDeps): Tmux {
  const options = { env: withUsualFolders(env), folder: home, timeoutMs };

  /** Commands one after the other, without anything happening between them. */
  const ask = async (...commands: readonly (readonly string[])[]): Promise<RunResult> => {
    const words = commands.flatMap((command, at) => [...(at === 0 ? [] : [';']), ...command.map(asWord)]);
    // Without -u tmux writes `_` for what is not ASCII where the environment does not say UTF-8.
    let result = await run('tmux', ['-u', ...words], options);
    for (let tries = 1; tries < mostTries && metEnding(result); tries += 1) {
      await delay(stepMs);
      result = await run('tmux', ['-u', ...words], options);
    }
    return result;
  };

  const order = async (...commands: readonly (readonly string[])[]): Promise<string> => {
    const result = await ask(...commands);
    if (result.kind === 'ended' && result.code === 0) return result.stdout;
    if (result.kind === 'missing') throw new AppError('tmux-missing', { step: 'forward' });
    const said = result.kind === 'ended' ? result.stderr : 'tmux does not answer';
    const isGone = /can't find (?:session|window|pane)|no server running|error connecting/.test(said);
    throw new AppError(isGone ? 'not-found' : 'tmux-failed', { step: 'forward', detail: plainText(said) });
  };

  return {
    list: async () => readListing(await ask(listPanes)),
    async kill(session) {
      await order(['kill-session', '-t', `=${session}`]);
    },
    async start(session, words) {
      try {
        // In one go: a program that ends at once would take the session along, and what it said.
        await order(['new-session', '-d', '-s', session, '--', ...words], remainOnExit(session, 'on'));
      } catch (error) {
        const isOthers = error instanceof AppError && /duplicate session/.test(error.detail);
        if (!isOthers) await ask(['kill-session', '-t', `=${session}`]);
        throw error;
      }
    },
    async letGo(session) {
      await order(remainOnExit(session, 'off'));
    },
    async view(session) {
      const target = ['-t', `=${session}:`];
      const output = await order(
        ['list-panes', ...target, '-F', '#{pane_dead}'],
        // From the beginning of its history, and long lines whole.
        ['capture-pane', '-p', '-J', '-S', '-', ...target],
      );
      const [dead, ...lines] = output.split('\n');
      return {
        runs: dead === '0',
        text: lines.filter((line) => !/^(?:\s*|Pane is dead.*)$/.test(line)).join('\n'),
      };
    },
  };
}

/** The name comes last: it may contain blanks. */
const listPanes = ['list-panes', '-a', '-F', '#{pane_dead} #{pane_pid} #{session_name}'];

function remainOnExit(session: string, value: 'on' | 'off'): readonly string[] {
  return ['set-option', '-w', '-t', `=${session}:`, 'remain-on-exit', value];
}

/** Reads what `tmux list-panes -a` answered with that format, or why there is nothing. Never throws. */
export function readListing(result: RunResult): TmuxListing {
  if (result.kind === 'missing') return { state: 'missing', sessions: [] };
  if (result.kind === 'timed-out') return { state: 'unknown', sessions: [] };
  if (result.code !== 0) {
    const isDown = /no server running|error connecting|no sessions/.test(result.stderr);
    return { state: isDown ? 'no-server' : 'unknown', sessions: [] };
  }
  const byName = new Map<string, number[]>();
  for (const line of result.stdout.split('\n')) {
    const [, dead, pid, name] = /^([01]) (\d{1,10}) (.{1,1000})$/.exec(line) ?? [];
    if (name === undefined) continue;
    byName.set(name, [...(byName.get(name) ?? []), ...(dead === '0' ? [Number(pid)] : [])]);
  }
  return { state: 'available', sessions: [...byName].map(([name, pids]) => ({ name, pids })) };
}

/** The last session has just ended, and the server is about to. */
function metEnding(result: RunResult): boolean {
  return result.kind === 'ended' && /server exited unexpectedly|lost server/.test(result.stderr);
}

/** tmux takes a `;` at the end of a word for the end of a command. */
function asWord(word: string): string {
  return word.replace(/;$/, '\\;');
}

/** Started from the desktop, a program on macOS does not see where Homebrew and MacPorts put theirs. */
function withUsualFolders(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (process.platform !== 'darwin') return env;
  const folders = ['/opt/homebrew/bin', '/usr/local/bin', '/opt/local/bin'];
  return { ...env, PATH: [env.PATH ?? '/usr/bin:/bin', ...folders].join(delimiter) };
}
