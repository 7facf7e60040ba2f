import { AppError } from '#common/failure.ts';
import type { Clock } from '#common/timer.ts';
import type { HealthPage } from './engines/engine.ts';
import type { HttpClient } from './http.ts';
import type { ServerMetrics } from './metrics.ts';
import {
  type BadHealth,
  isStalled,
  type Moment,
  nextHealth,
  nextStall,
  progressOf,
  type Stall,
  type StuckState,
  stuckState,
} from './stuck.ts';

/** Watches whether one server that answers also works. */
export interface StuckWatch {
  /** Takes what its metrics say now; null where the model is put away. */
  observe(metrics: ServerMetrics | null): void;
  /** Asks its health page where that is due. Errors: `connection-lost`, `cancelled`. */
  askHealth(client: HttpClient, signal: AbortSignal): Promise<void>;
  /** As it is now; null where it is not stuck. */
  state(): StuckState | null;
}

export interface StuckWatchDeps {
  /** Null where its engine has none. */
  readonly page: HealthPage | null;
  readonly clock: Pick<Clock, 'now' | 'wallNow'>;
}

/** How often a healthy server is asked, and one whose latest answer was a failure. */
const everyMs = 30_000;
const againMs = 10_000;

export function createStuckWatch({ page, clock }: StuckWatchDeps): StuckWatch {
  let stall: Stall | null = null;
  let health: BadHealth | null = null;
  let isMissing = page === null;
  // It was asked when the server was found.
  let dueAtMs = clock.now() + everyMs;

  const moment = (): Moment => ({ nowMs: clock.now(), wallMs: clock.wallNow() });
  const isDue = (): boolean => {
    if (isMissing || clock.now() < dueAtMs) return false;
    return page?.generates !== true || health !== null || isStalled(stall, moment());
  };

  return {
    observe(metrics) {
      stall = metrics === null ? null : nextStall(stall, progressOf(metrics), moment());
      if (metrics === null) health = null;
    },
    async askHealth(client, signal) {
      if (page === null || !isDue()) return;
      const answer = await askPage(client, page.path, signal);
      isMissing = answer === 'missing';
      // What lists no models either is down, which the search for servers finds out.
      const fails = answer === 'fails' && (await listsModels(client, signal));
      health = nextHealth(health, fails, moment());
      dueAtMs = clock.now() + (fails ? againMs : everyMs);
    },
    state: () => stuckState(stall, health, moment()),
  };
}

async function askPage(
  client: HttpClient,
  path: string,
  signal: AbortSignal,
): Promise<'works' | 'fails' | 'missing'> {
  try {
    const { status } = await client.get(path, signal);
    if (status === 404) return 'missing';
    return status >= 500 ? 'fails' : 'works';
  } catch (error) {
    return isSilence(error) ? 'fails' : 'works';
  }
}

async function listsModels(client: HttpClient, signal: AbortSignal): Promise<boolean> {
  try {
    return (await client.get('/v1/models', signal)).status < 500;
  } catch (error) {
    isSilence(error);
    return false;
  }
}

/** Whether the server itself gave no answer. Throws what says nothing of the server. */
function isSilence(error: unknown): boolean {
  if (!(error instanceof AppError) || error.code === 'connection-lost' || error.code === 'cancelled')
    throw error;
  return error.code === 'server-timeout' || error.code === 'server-error';
}
