import { setTimeout as delay } from 'node:timers/promises';
import { AppError, describeFailure } from '#common/failure.ts';
import type { CleanedSession, OtherForward } from '#common/other-forwards.ts';
import type { Store } from '../store.ts';
import type { LocalProcess } from './local-process.ts';
import type { Observer, Unasked } from './observer.ts';
import { isSameProcess, listProcesses } from './process-list.ts';
import type { Tmux } from './tmux.ts';

export interface EndingDeps {
  readonly store: Store;
  readonly tmux: Tmux;
  readonly observer: Pick<Observer, 'look' | 'found'>;
  readonly env: NodeJS.ProcessEnv;
}

/** Ends other forwards: those that were shown, and only if they still are what was shown. */
export interface Ending {
  /**
   * Ends the tmux session or the ssh process that holds this forward; resolves when it has gone and the Snapshot says so.
   * Errors: `not-found` when it is not there any more, also when another process has its id; `tmux-failed`.
   */
  kill(id: string): Promise<void>;
  /** Ends the tmux sessions whose forwards are dead at this moment. Errors: `tmux-failed`. */
  clean(options?: CleanOptions): Promise<readonly CleanedSession[]>;
}

export interface CleanOptions {
  /** Of these forwards alone; default: all. */
  readonly ids?: readonly string[] | undefined;
  /** Also those through which something listens, but no model answers. */
  readonly noModel?: boolean | undefined;
}

const stepMs = 50;
/** An ssh ends at once; one that is stopped does not. */
const goneMs = 3000;

export function createEnding({ store, tmux, observer, env }: EndingDeps): Ending {
  const nowOf = async (shown: LocalProcess): Promise<LocalProcess | undefined> => {
    const list = await listProcesses({ env, before: [shown] });
    return list?.find(({ pid }) => pid === shown.pid);
  };

  const killProcess = async (shown: LocalProcess): Promise<void> => {
    const now = await nowOf(shown);
    if (now !== undefined && !isSameProcess(shown, now))
      throw gone(`process ${shown.pid} is another program now`);
    if (now === undefined || !terminate(shown.pid)) throw gone(`process ${shown.pid} has ended`);
    const until = performance.now() + goneMs;
    while ((await nowOf(shown)) !== undefined && performance.now() < until) await delay(stepMs);
  };

  const cleanOne = async (
    { id, owner, state }: OtherForward,
    { noModel }: CleanOptions,
  ): Promise<CleanedSession | null> => {
    if (owner.kind !== 'tmux' || !('failure' in state)) return null;
    if (state.kind !== 'dead' && !noModel) return null;
    try {
      await tmux.kill(owner.session);
    } catch (error) {
      // It has ended on its own meanwhile.
      if (error instanceof AppError && error.code === 'not-found') return null;
      throw error;
    }
    return { id, session: owner.session, reason: describeFailure(state.failure) };
  };

  return {
    async kill(id) {
      const shown = observer.found().find(({ forward }) => forward.id === id);
      if (shown === undefined) throw gone(id);
      const { owner } = shown.forward;
      try {
        if (owner.kind === 'tmux') await tmux.kill(owner.session);
        else if (shown.process !== null) await killProcess(shown.process);
      } finally {
        await observer.look({ ask: 'nothing' });
      }
    },
    async clean(options = {}) {
      const { ids, noModel } = options;
      const only = ({ id, owner }: Unasked): boolean => owner.kind === 'tmux' && (ids?.includes(id) ?? true);
      // No answer of any port is needed to see what is dead, and none is waited for.
      await observer.look({ only, ...(noModel ? { thorough: true } : { ask: 'listens' }) });
      const { forwards } = store.current().otherForwards;
      const wanted = forwards.filter(({ id }) => ids?.includes(id) ?? true);
      const cleaned: CleanedSession[] = [];
      for (const forward of wanted) {
        const one = await cleanOne(forward, options);
        if (one !== null) cleaned.push(one);
      }
      if (cleaned.length > 0) await observer.look({ ask: 'nothing' });
      return cleaned;
    },
  };
}

function gone(detail: string): AppError {
  return new AppError('not-found', { step: 'forward', detail });
}

/** Answers false where there is no such process any more. */
function terminate(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGTERM');
  } catch {
    // ESRCH: it has ended.
    return false;
  }
}
