import type { Duplex } from 'node:stream';
import { AppError, type ErrorCode, toFailure } from '#common/failure.ts';
import type { ForwardHealth } from '#common/forwards.ts';
import { createAlarm } from '#common/timer.ts';
import { createHttpClient, type HttpAnswer } from '../models/http.ts';

export interface HealthDeps {
  /** Opens a channel to the target as every connection through the forward does. */
  readonly openChannel: (signal: AbortSignal | undefined) => Promise<Duplex>;
  /** Of the target, for the Host header. */
  readonly authority: () => string;
  /** Whether something there is known to speak HTTP; without that knowledge its silence is not held against it. */
  readonly isModelServer: () => boolean;
  readonly onHealth: (health: ForwardHealth) => void;
  /** Default: {@link defaultHealthTimes}. */
  readonly times?: HealthTimes | undefined;
}

export interface HealthTimes {
  readonly everyMs: number;
  /** For what speaks no HTTP: it is asked less and less often, because to it each question is a strange visitor. */
  readonly mostMs: number;
  /** For the opening of the channel and the answer together. A busy server needs seconds for the simplest one. */
  readonly timeoutMs: number;
}

export const defaultHealthTimes: HealthTimes = { everyMs: 15_000, mostMs: 300_000, timeoutMs: 10_000 };

/**
 * Finds out whether the model behind a forward answers, by an HTTP request over a channel of its own that is opened just
 * like those of the forward's connections. Not over the local port: the listener is this process's own and says when it
 * fails, while a connection that is closed again does not tell whether the tunnel or the model is down. The opening of a
 * channel tells that, and it is in no way part of the user's traffic.
 */
export interface HealthWatch {
  /** Asks now, and from then on every so often: the tunnel is up, or something has changed. */
  start(): void;
  /** The tunnel is down: nothing is known of the model any more. */
  stop(): void;
}

export function createHealthWatch(deps: HealthDeps): HealthWatch {
  const { onHealth, times = defaultHealthTimes } = deps;
  let health: ForwardHealth = { kind: 'unknown' };
  let speaksHttp = false;
  const alarm = createAlarm({ background: true });
  /** Ends the question that is under way, and what would follow it. */
  let run = new AbortController();
  let pauseMs = times.everyMs;

  const tell = (next: ForwardHealth): void => {
    if (isSame(health, next)) return;
    health = next;
    onHealth(next);
  };

  const look = async (signal: AbortSignal): Promise<void> => {
    const client = createHttpClient({
      open: deps.openChannel,
      authority: deps.authority(),
      timeoutMs: times.timeoutMs,
    });
    const found = await client.get('/v1/models', signal).then(
      (answer) => {
        speaksHttp = true;
        return healthOf(answer);
      },
      (error: unknown) => healthAfter(error, speaksHttp || deps.isModelServer()),
    );
    client.close();
    if (signal.aborted) return;
    if (found !== null) tell(found);
    pauseMs = found?.kind === 'unknown' ? Math.min(pauseMs * 2, times.mostMs) : times.everyMs;
    alarm.after(pauseMs, () => void look(signal));
  };

  const rest = (): void => {
    alarm.cancel();
    run.abort();
    run = new AbortController();
  };

  return {
    start() {
      rest();
      pauseMs = times.everyMs;
      void look(run.signal);
    },
    stop() {
      rest();
      tell({ kind: 'unknown' });
    },
  };
}

/** A 401 and a 404 are answers; 5xx is what an engine that has died and a proxy without its server say. */
function healthOf({ status }: HttpAnswer): ForwardHealth {
  if (status < 500) return { kind: 'answering' };
  const detail = `it answers with status ${status}`;
  return {
    kind: 'model-down',
    failure: toFailure(new AppError('server-error', { step: 'forward', detail }), 'forward'),
  };
}

/** Null: the question says nothing of the model, because the tunnel itself was lost. */
function healthAfter(error: unknown, shouldAnswer: boolean): ForwardHealth | null {
  const failure = toFailure(error, 'forward');
  if (failure.code === 'connection-lost' || failure.code === 'cancelled') return null;
  const refused = notReached.has(failure.code);
  if (!refused && !shouldAnswer) return { kind: 'unknown' };
  // It answered in HTTP before, and now something else stands in its place.
  return { kind: 'model-down', failure: { ...failure, step: 'forward' } };
}

/** The target itself says it, whatever it speaks. */
const notReached: ReadonlySet<ErrorCode> = new Set([
  'target-refused',
  'forwarding-prohibited',
  'socket-missing',
  'socket-denied',
  'socket-unsupported',
]);

function isSame(a: ForwardHealth, b: ForwardHealth): boolean {
  if (a.kind !== 'model-down' || b.kind !== 'model-down') return a.kind === b.kind;
  return a.failure.code === b.failure.code && a.failure.detail === b.failure.detail;
}
