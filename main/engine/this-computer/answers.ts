import type { Candidate } from '../models/candidates.ts';
import type { PortAnswer } from './ask.ts';

/** What the ports of this computer have answered last, whichever look has asked them. */
export interface Answers {
  /** Of these ports, unless another process has them now; all others are forgotten. */
  of(candidates: readonly Candidate[]): ReadonlyMap<number, PortAnswer>;
  /** For one look: notes its answers, unless a later one has heard of the port already. */
  begin(): (candidate: Candidate, answer: PortAnswer) => void;
  /** Of those that were tried, these are refused; what was known of the others stays. */
  noteRefusing(tried: readonly Candidate[], refusing: readonly Candidate[]): void;
}

interface Known {
  readonly pid: number | null;
  readonly answer: PortAnswer;
  readonly look: number;
}

export function createAnswers(): Answers {
  const known = new Map<number, Known>();
  let looks = 0;
  return {
    of(candidates) {
      const pids = new Map(candidates.map(({ port, pid }) => [port, pid]));
      for (const [port, before] of known) {
        const pid = pids.get(port);
        // One that began to listen after the table was read has answered without being known.
        const isUnknown = (pid === null || before.pid === null) && before.answer.kind !== 'refused';
        if (pid === undefined || (pid !== before.pid && !isUnknown)) known.delete(port);
        else if (before.pid === null) known.set(port, { ...before, pid });
      }
      return new Map([...known].map(([port, { answer }]) => [port, answer]));
    },
    begin() {
      looks += 1;
      const look = looks;
      return ({ port, pid }, answer) => {
        if ((known.get(port)?.look ?? 0) <= look) known.set(port, { pid, answer, look });
      };
    },
    noteRefusing(tried, refusing) {
      looks += 1;
      for (const { port, pid } of tried) {
        if (refusing.some((one) => one.port === port))
          known.set(port, { pid, answer: { kind: 'refused' }, look: looks });
        else if (known.get(port)?.answer.kind === 'refused') known.delete(port);
      }
    },
  };
}
