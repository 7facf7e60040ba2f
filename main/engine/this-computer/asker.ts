import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { ModelServer } from '#common/servers.ts';
import type { Settings } from '#common/settings.ts';
import type { Candidate } from '../models/candidates.ts';
import { askLocalPort, type PortAnswer, refuses } from './ask.ts';

export interface AskerDeps {
  readonly settings: () => Settings;
  readonly signal: AbortSignal;
}

/** What is heard of a port, as soon as it is known. */
export type OnAnswer = (candidate: Candidate, answer: PortAnswer) => void;

export interface AskOptions {
  /** Also those that are not expected to answer, and that have lately shown to be something else: a request fills their logs. */
  readonly thorough: boolean;
  readonly onAnswer: OnAnswer;
}

/** Asks ports of this computer again and again: little where it knows what is there, and not where nothing is to be had. */
export interface Asker {
  /** Resolves when all have answered that are asked; none waits for another one that is slow. Errors: `cancelled`. */
  ask(candidates: readonly Candidate[], options: AskOptions): Promise<void>;
  /** The ports of these at which nothing listens. Says nothing to what does. */
  refusing(candidates: readonly Candidate[]): Promise<readonly Candidate[]>;
}

/** A port that has not answered by then lets others go first, and keeps being waited for. */
const asideMs = 250;
const restMs = 300_000;

interface Rest {
  readonly pid: number | null;
  /** On the clock of `performance.now()`. */
  readonly until: number;
}

export function createAsker({ settings, signal }: AskerDeps): Asker {
  // Every request under way listens to it.
  setMaxListeners(0, signal);
  const known = new Map<number, ModelServer>();
  const resting = new Map<number, Rest>();
  const limit = pLimit(settings().limits.localPorts);

  const rests = ({ port, pid, expected }: Candidate): boolean => {
    const rest = resting.get(port);
    return !expected && rest !== undefined && rest.pid === pid && performance.now() < rest.until;
  };

  const askOne = async (candidate: Candidate): Promise<PortAnswer> => {
    const { port, pid } = candidate;
    const timeoutMs = settings().timeouts.httpMs;
    const answer = await askLocalPort(candidate, { known: known.get(port) ?? null, timeoutMs, signal });
    if (answer.kind === 'server') known.set(port, answer.server);
    else known.delete(port);
    if (answer.kind === 'no-models') resting.set(port, { pid, until: performance.now() + restMs });
    else resting.delete(port);
    return answer;
  };

  const askAside = async (candidate: Candidate, onAnswer: OnAnswer): Promise<void> => {
    let asking: Promise<void> = Promise.resolve();
    await limit(async () => {
      asking = askOne(candidate).then((answer) => onAnswer(candidate, answer));
      const aside = new AbortController();
      const waiting = delay(asideMs, undefined, { signal: aside.signal, ref: false }).catch(() => undefined);
      await Promise.race([asking.catch(() => undefined), waiting]);
      aside.abort();
    });
    await asking;
  };

  return {
    async ask(candidates, { thorough, onAnswer }) {
      limit.concurrency = settings().limits.localPorts;
      const asked = candidates.filter((candidate) => thorough || !rests(candidate));
      await Promise.all(asked.map((one) => askAside(one, onAnswer)));
    },
    async refusing(candidates) {
      const refuse = await Promise.all(candidates.map((one) => refuses(one, signal)));
      return candidates.filter((_one, at) => refuse[at] === true);
    },
  };
}
