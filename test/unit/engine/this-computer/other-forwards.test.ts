import { expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { OtherForward } from '#common/other-forwards.ts';
import type { PortAnswer } from '#engine/this-computer/ask.ts';
import { type OtherForwardsOptions, otherForwards } from '#engine/this-computer/other-forwards.ts';
import { listens } from '../../../support/discovery.ts';
import { answers, aProcess, findings, found, now, page } from '../../../support/this-computer.ts';

/** `dead port-in-use python3 (7)`, `answering org/model`. */
function inWords({ state, models }: OtherForward): string {
  const why = 'failure' in state ? [state.failure.code, state.failure.detail] : [];
  return [state.kind, ...why, ...models].filter((part) => part !== '').join(' ');
}

const at = (answer: PortAnswer): ReadonlyMap<number, PortAnswer> => new Map([[16_100, answer]]);

function states(options: Partial<OtherForwardsOptions>): readonly string[] {
  const defaults = { findings: findings({ forwards: [found()] }), listening: [], answers: new Map(), now };
  return otherForwards({ ...defaults, ...options }).map(inWords);
}

const refused: PortAnswer = { kind: 'refused' };
const hangUp: PortAnswer = {
  ...page,
  error: new AppError('server-error', { detail: 'socket hang up' }),
  closed: true,
};

it('say what answers, and why nothing does', () => {
  expect(states({ answers: at(answers()) })).toEqual(['answering org/model']);
  expect(states({ answers: at(page) })).toEqual(['no-model server-not-openai status 404']);
  expect(states({ answers: at(hangUp) })).toEqual(['no-model target-refused']);
  expect(states({ answers: at(refused) })).toEqual(['dead forward-dead']);
  expect(states({})).toEqual(['unknown']);
});

it('give an ssh that has just begun the time to log in', () => {
  const young = aProcess(42, 'ssh -N gpu1', { startedAt: now - 5000 });
  const forwards = [found({ process: young })];
  expect(states({ findings: findings({ forwards }), answers: at(refused) })).toEqual(['unknown']);
  expect(
    states({ findings: findings({ forwards: [found({ process: null })] }), answers: at(refused) }),
  ).toEqual(['dead forward-dead']);
});

it('are dead where another program has the port, whatever it answers', () => {
  const listening = [listens(16_100, { process: 'python3', pid: 7 })];
  expect(states({ listening, answers: at(answers()) })).toEqual(['dead port-in-use python3 (7)']);
  const configured = findings({ forwards: [found({ configured: true })] });
  expect(states({ findings: configured, listening, answers: at(answers()) })).toEqual([]);
  const unnamed = [listens(16_100)];
  expect(states({ listening: unnamed, answers: at(answers()) })).toEqual(['answering org/model']);
});

it('are held by what the session or autossh has started, and by the master of a shared connection', () => {
  const listening = [listens(16_100, { process: 'ssh', pid: 7 })];
  const started = findings({ forwards: [found({ pids: new Set([42, 7]) })] });
  expect(states({ findings: started, listening, answers: at(answers()) })).toEqual(['answering org/model']);
  const shared = findings({ forwards: [found()], list: [aProcess(7, 'ssh: /tmp/cm-1 [mux]')] });
  expect(states({ findings: shared, listening, answers: at(answers()) })).toEqual(['answering org/model']);
  const other = findings({ forwards: [found()], list: [aProcess(7, 'ssh -N gpu2')] });
  expect(states({ findings: other, listening, answers: at(answers()) })).toEqual([
    'dead port-in-use ssh (7)',
  ]);
});
