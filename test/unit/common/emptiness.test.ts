import { expect, it } from 'vitest';
import { type Emptiness, emptinessOf } from '#common/select/emptiness.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { failed, host, snapshot } from '../../support/snapshot.ts';

const away = host('b', { state: failed() });
const running = { kind: 'running', done: 0, total: 1, startedAt: 1 } as const;
const done = { kind: 'done', done: 1, total: 1, startedAt: 1, finishedAt: 2 } as const;

it.each<[Partial<Snapshot>, Emptiness | null]>([
  [{}, 'no-hosts'],
  [{ excludedAliases: ['a'] }, 'all-off'],
  [{ excludedAliases: ['a'], scan: running }, 'all-off'],
  [{ hosts: [away], scan: { kind: 'never' } }, null],
  [{ hosts: [away], scan: running }, null],
  [{ hosts: [away], excludedAliases: ['a'], scan: done }, 'no-answer'],
  [{ hosts: [away, host('a')], scan: done }, null],
])('of %o it is %j', (fields, expected) => {
  expect(emptinessOf(snapshot(fields))).toBe(expected);
});
