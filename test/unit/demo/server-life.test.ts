import { expect, it } from 'vitest';
import { createServerLife } from '../../../main/demo/server-life.ts';

it('a server that restarts loads, serves and is down, over and over', () => {
  const life = createServerLife({
    kind: 'restarts',
    loadingSeconds: 45,
    servingSeconds: 240,
    downSeconds: 30,
  });
  const phases = [0, 44, 1, 239, 1, 29, 1].map((seconds) => {
    life.advance(seconds);
    return life.phase();
  });
  expect(phases).toEqual(['loading', 'loading', 'serving', 'serving', 'down', 'down', 'loading']);
});

it('others do one thing for ever', () => {
  const [serves, sleeps] = [createServerLife({ kind: 'serves' }), createServerLife({ kind: 'sleeps' })];
  for (const life of [serves, sleeps]) life.advance(1e6);
  expect([serves.phase(), sleeps.phase()]).toEqual(['serving', 'sleeping']);
});
