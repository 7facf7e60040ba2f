import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { ModelServer } from '#common/model.ts';
import type { Settings } from '#common/settings.ts';
import type { Candidate } from '../models/candidates.ts';
import { askLocalPort, type PortAnswer } from './ask.ts';

export interface AskerDeps {
  readonly settings: () => Settings;
  readonly signal: AbortSignal;
}

/** Asks ports of this computer again and again: little where it knows what is there, and not where nothing is to be had. */
export interface Asker {
  /**
   * What these ports answer, by port. One that nobody expects to answer, and that has lately shown to be something else,
   * is left out unless the look is `thorough`: its log is somebody's. Errors: `cancelled`.
   */
  ask(candidates: readonly Candidate[], thorough: boolean): Promise<ReadonlyMap<number, PortAnswer>>;
}

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

  return {
    async ask(candidates, thorough) {
      const limit = pLimit(settings().limits.localPorts);
      const asked = candidates.filter((candidate) => thorough || !rests(candidate));
      const answers = asked.map((one) => limit(async () => [one.port, await askOne(one)] as const));
      return new Map(await Promise.all(answers));
    },
  };
}
