import { expect, it } from 'vitest';
import { answer } from '#common/answer.ts';
import type { Handlers } from '#common/contract.ts';
import { createSample } from '../../support/contract/sample.ts';

it('of a call without an answer is null, whatever its handler returns', async () => {
  const { handlers } = createSample();
  expect(await answer(handlers, 'scan.cancel', {})).toEqual({ ok: true, value: null });
  const chatty = { ...handlers, 'scan.cancel': () => 'a secret' } as unknown as Handlers;
  expect(await answer(chatty, 'scan.cancel', {})).toEqual({ ok: true, value: null });
  expect(await answer(handlers, 'model.test', { serverId: 'a', model: 'm', prompt: 'p' })).toEqual({
    ok: true,
    value: { answerTo: 'model.test' },
  });
});
