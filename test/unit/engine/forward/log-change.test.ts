import { expect, it } from 'vitest';
import type { ForwardState } from '#common/forwards.ts';
import { logChange } from '#engine/forward/log-change.ts';
import { aFailure, aForward } from '../../../support/samples.ts';

const failure = aFailure('connection-lost', { detail: 'no answer to a ping' });
const listening: ForwardState = { kind: 'listening' };
const lost: ForwardState = { kind: 'retrying', failure };
const failed: ForwardState = { kind: 'failed', failure };

it.each<[ForwardState | null, ForwardState, string | null]>([
  [null, { kind: 'opening' }, null],
  [null, listening, null],
  [listening, listening, null],
  [listening, lost, 'warn gpu1:8000: forward lost, retrying: connection-lost (no answer to a ping)'],
  [lost, lost, null],
  [lost, failed, 'warn gpu1:8000: forward failed: connection-lost (no answer to a ping)'],
  [lost, listening, 'info gpu1:8000: forward restored'],
])('a forward that was %o and is %o logs %j', (before, after, line) => {
  const lines: string[] = [];
  logChange(
    before === null ? undefined : { ...aForward, state: before },
    { ...aForward, state: after },
    (level, text) => lines.push(`${level} ${text}`),
  );
  expect(lines).toEqual(line === null ? [] : [line]);
});
