/** From what was found and what answered to the other forwards, as the Snapshot has them. Pure. */

import { AppError, type ErrorCode, type Failure, toFailure } from '#common/failure.ts';
import { assertNever } from '#common/never.ts';
import type { OtherForward, OtherForwardState } from '#common/other-forwards.ts';
import type { ListeningPort } from '../probe/ports.ts';
import type { PortAnswer } from './ask.ts';
import type { Findings, FoundForward } from './find.ts';

export interface OtherForwardsOptions {
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
export function otherForwards(options: OtherForwardsOptions): readonly OtherForward[] {
  return options.findings.forwards.flatMap((found) => {
    const stranger = strangerAt(found, options);
    if (stranger !== null && found.configured) return [];
    const answer = options.answers.get(found.forward.localPort);
    const state: OtherForwardState =
      stranger === null
        ? stateOf(answer, found, options.now)
        : { kind: 'dead', failure: failure('port-in-use', stranger) };
    const models =
      state.kind === 'answering' && answer?.kind === 'server' ? answer.server.models.map(({ id }) => id) : [];
    return { ...found.forward, models, state };
  });
}

/** The program that listens in its place: `python3 (4242)`; null where there is none, or it is unknown. */
function strangerAt(
  { forward: { localPort }, pids }: FoundForward,
  { listening, findings }: OtherForwardsOptions,
): string | null {
  const { pid = null, process = null } = listening?.find(({ port }) => port === localPort) ?? {};
  if (pid === null || pids.has(pid)) return null;
  // The master of a shared connection listens for the ssh that has asked it to.
  const args = findings.list.find((one) => one.pid === pid)?.args ?? '';
  return /^ssh: .*\[mux\]$/.test(args) && pids.size > 0 ? null : `${process ?? 'process'} (${pid})`;
}

function stateOf(answer: PortAnswer | undefined, { process }: FoundForward, now: number): OtherForwardState {
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
