import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '#common/failure.ts';
import { every } from '#common/timer.ts';
import type { Transport } from './transport.ts';

export interface LivenessTimes {
  /** Without a byte for this long, the host is asked for one. */
  readonly silenceMs: number;
  /** As many unanswered questions in a row, with no byte in between, mean that the connection is dead. */
  readonly misses: number;
  /** Default: seconds, for links to other continents. */
  readonly doubts?: DoubtTimes;
}

/** NAT gateways forget silent connections after minutes, and a slow link may well need a quarter of one to answer. */
export const defaultLiveness: LivenessTimes = { silenceMs: 15_000, misses: 3 };

/** How a connection that does not answer is held against a new one. */
export interface DoubtTimes {
  /** A question that is not answered for this long is doubtful. */
  readonly answerMs: number;
  /** Between two knocks at the host. */
  readonly everyMs: number;
  /** A connection that has been silent for less may only be slow. */
  readonly leastMs: number;
  /** So much longer it may take than a new one. */
  readonly graceMs: number;
}

const defaultDoubts: DoubtTimes = { answerMs: 3000, everyMs: 1000, leastMs: 5000, graceMs: 500 };

export interface Liveness {
  /** For when something that was asked over the connection was not answered: finds out now whether it is dead. */
  doubt(): void;
}

/**
 * Keeps watch over a connection until it ends, and ends it with `connection-lost` when it is dead: TCP itself would take
 * a quarter of an hour to notice. Any byte counts as a sign of life, so a slow link that is busy is never cut.
 *
 * A connection that does not answer is held against a new one: when the host greets that, the old one is dead, or asleep
 * for longer than a new one takes. Where the host greets no connection it may be the network, and the old one has its time.
 *
 * @param knock whether the host greets a new connection
 */
export function watchLiveness(
  transport: Transport,
  { silenceMs, misses, doubts = defaultDoubts }: LivenessTimes,
  knock: (signal: AbortSignal) => Promise<boolean> = async () => false,
): Liveness {
  const ended = new AbortController();
  const doubt = createDoubt(transport, { doubts, knock, signal: ended.signal });
  let seen = transport.bytesReceived();
  /** `missed` questions in a row were not answered, and one may be on the way. */
  let state: { readonly kind: 'listening' | 'asking'; readonly missed: number } = {
    kind: 'listening',
    missed: 0,
  };

  const look = async (): Promise<void> => {
    const received = transport.bytesReceived();
    if (received !== seen) {
      seen = received;
      state = { ...state, missed: 0 };
      return;
    }
    if (state.kind === 'asking') return;
    state = { ...state, kind: 'asking' };
    const answer = transport.ping(silenceMs);
    void doubt(() => answer);
    const alive = await answer.then(
      () => true,
      () => transport.bytesReceived() !== seen,
    );
    state = { kind: 'listening', missed: alive ? 0 : state.missed + 1 };
    const seconds = (misses * silenceMs) / 1000;
    if (state.missed >= misses) transport.close(lost(`no sign of life for ${seconds} s`));
  };
  const timer = every(silenceMs, () => void look(), { background: true });
  transport.onClose(() => {
    timer.cancel();
    ended.abort();
  });
  return {
    doubt() {
      void doubt(() => transport.ping(doubts.answerMs));
    },
  };
}

interface DoubtDeps {
  readonly doubts: DoubtTimes;
  readonly knock: (signal: AbortSignal) => Promise<boolean>;
  /** The connection has ended. */
  readonly signal: AbortSignal;
}

/** Holds a question that is not answered against a new connection, one at a time, and ends the old one where it is dead. */
function createDoubt(transport: Transport, { doubts, knock, signal }: DoubtDeps) {
  let doubting = false;

  const isDead = async (ask: () => Promise<unknown>): Promise<boolean> => {
    const since = performance.now();
    const before = transport.bytesReceived();
    const isSilent = (): boolean => transport.bytesReceived() === before && !signal.aborted;
    await settled(ask(), doubts.answerMs, signal);
    while (isSilent()) {
      const greeted = await knock(signal);
      const silentMs = performance.now() - since;
      if (greeted && silentMs >= doubts.leastMs) {
        await delay(doubts.graceMs, undefined, { signal });
        return isSilent();
      }
      await delay(doubts.everyMs, undefined, { signal });
    }
    return false;
  };

  return async (ask: () => Promise<unknown>): Promise<void> => {
    if (doubting || signal.aborted) return;
    doubting = true;
    // It is aborted when the connection ends meanwhile.
    const dead = await isDead(ask).catch(() => false);
    doubting = false;
    if (dead) transport.close(lost('its host greets a new one, and this one is silent'));
  };
}

/** Resolves when the promise has settled, and after `ms` at the latest. */
async function settled(promise: Promise<unknown>, ms: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const timeout = delay(ms, undefined, { signal: AbortSignal.any([signal, over.signal]) });
  await Promise.race([promise, timeout]).catch(() => undefined);
  over.abort();
}

/** Asks once, for a computer that has slept or changed its network; ends a connection that does not answer in time. */
export async function checkLiveness(transport: Transport, timeoutMs: number): Promise<void> {
  const seen = transport.bytesReceived();
  await transport.ping(timeoutMs).catch(() => {
    if (transport.bytesReceived() === seen) transport.close(lost('it did not survive the pause'));
  });
}

function lost(detail: string): AppError {
  return new AppError('connection-lost', { detail });
}
