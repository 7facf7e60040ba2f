/** From what was found and what answered to the forwards of other programs, as the Snapshot has them. Pure. */

import { AppError, type ErrorCode, toFailure } from '#common/errors.ts';
import type { ForeignForward, ForeignState } from '#common/forwards.ts';
import { assertNever, type Failure } from '#common/model.ts';
import type { PortAnswer } from '../local/ask.ts';
import type { ListeningPort } from '../probe/ports.ts';
import type { Findings, FoundForward } from './find.ts';

export interface StatesOptions {
  readonly findings: Findings;
  /** Null where nothing tells what listens. */
  readonly listening: readonly ListeningPort[] | null;
  /** By local port; one that was not asked is absent. */
  readonly answers: ReadonlyMap<number, PortAnswer>;
  readonly now: number;
}

/** A login may take as long before ssh listens. */
const startMs = 30_000;

/** In the order of the findings. One of the configuration whose port another program has got is left out: it is no forward. */
export function foreignForwards(options: StatesOptions): readonly ForeignForward[] {
  return options.findings.forwards.flatMap((found) => {
    const stranger = strangerAt(found, options);
    if (stranger !== null && found.configured) return [];
    const answer = options.answers.get(found.forward.localPort);
    const state: ForeignState =
      stranger === null
        ? stateOf(answer, found, options.now)
        : { kind: 'dead', failure: failure('port-in-use', stranger) };
    const models =
      state.kind === 'answering' && answer?.kind === 'server' ? answer.server.models.map(({ id }) => id) : [];
    return { ...found.forward, models, state };
  });
}

/** The program that listens in its place: `python3 (4242)`; null where there is none, or nobody knows. */
function strangerAt(
  { forward: { localPort }, pids }: FoundForward,
  { listening, findings }: StatesOptions,
): string | null {
  const { pid = null, process = null } = listening?.find(({ port }) => port === localPort) ?? {};
  if (pid === null || pids.has(pid)) return null;
  // The master of a shared connection listens for the ssh that has asked it to.
  const args = findings.list.find((one) => one.pid === pid)?.args ?? '';
  return /^ssh: .*\[mux\]$/.test(args) && pids.size > 0 ? null : `${process ?? 'process'} (${pid})`;
}

function stateOf(answer: PortAnswer | undefined, { process }: FoundForward, now: number): ForeignState {
  switch (answer?.kind) {
    case undefined:
      return { kind: 'unknown' };
    case 'refused': {
      const age = now - (process?.startedAt ?? 0);
      return process !== null && age < startMs
        ? { kind: 'unknown' }
        : { kind: 'dead', failure: failure('forward-dead', '') };
    }
    case 'no-models':
      return {
        kind: 'no-model',
        failure: answer.closed ? failure('target-refused', '') : toFailure(answer.error, 'models'),
      };
    case 'server': {
      const { state } = answer.server;
      return state.kind === 'failed' ? { kind: 'no-model', failure: state.failure } : { kind: 'answering' };
    }
    default:
      return assertNever(answer);
  }
}

function failure(code: ErrorCode, detail: string): Failure {
  return toFailure(new AppError(code, { step: 'forward', detail }), 'forward');
}
