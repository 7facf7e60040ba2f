import { setTimeout as delay } from 'node:timers/promises';
import { AppError, describeFailure } from '#common/errors.ts';
import type { CleanedSession, ForeignForward } from '#common/forwards.ts';
import type { ThisComputer } from '../local/this-computer.ts';
import type { Store } from '../store.ts';
import { isSameProcess, type LocalProcess, listProcesses } from './process-list.ts';
import type { Tmux } from './tmux.ts';

export interface EndingDeps {
  readonly store: Store;
  readonly tmux: Tmux;
  readonly computer: Pick<ThisComputer, 'look' | 'found'>;
  readonly env: NodeJS.ProcessEnv;
}

/** Ends forwards of other programs: those that were shown, and only if they still are what was shown. */
export interface Ending {
  /**
   * Ends the tmux session or the ssh process that holds this forward; resolves when it has gone and the Snapshot says so.
   * Errors: `not-found` when it is not there any more, also when another process has its id; `tmux-failed`.
   */
  kill(id: string): Promise<void>;
  /** Ends the tmux sessions whose forwards are dead at this moment: all, or those of these ids. Errors: `tmux-failed`. */
  clean(ids?: readonly string[]): Promise<readonly CleanedSession[]>;
}

const stepMs = 50;
/** An ssh ends at once; one that is stopped does not. */
const goneMs = 3000;

export function createEnding({ store, tmux, computer, env }: EndingDeps): Ending {
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

  const cleanOne = async ({ id, owner, state }: ForeignForward): Promise<CleanedSession | null> => {
    if (owner.kind !== 'tmux' || state.kind !== 'dead') return null;
    try {
      await tmux.kill(owner.session);
    } catch (error) {
      // It has ended by itself meanwhile.
      if (error instanceof AppError && error.code === 'not-found') return null;
      throw error;
    }
    return { id, session: owner.session, reason: describeFailure(state.failure) };
  };

  return {
    async kill(id) {
      const shown = computer.found().find(({ forward }) => forward.id === id);
      if (shown === undefined) throw gone(id);
      const { owner } = shown.forward;
      try {
        if (owner.kind === 'tmux') await tmux.kill(owner.session);
        else if (shown.process !== null) await killProcess(shown.process);
      } finally {
        await computer.look();
      }
    },
    async clean(ids) {
      await computer.look();
      const { forwards } = store.current().elsewhere;
      const wanted = forwards.filter(({ id }) => ids?.includes(id) ?? true);
      const cleaned: CleanedSession[] = [];
      for (const forward of wanted) {
        const one = await cleanOne(forward);
        if (one !== null) cleaned.push(one);
      }
      if (cleaned.length > 0) await computer.look();
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
