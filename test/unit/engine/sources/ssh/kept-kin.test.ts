import { expect, test } from 'vitest';
import { type Kin, parseKin } from '#engine/probe/kin.ts';
import { createKeptKin } from '#engine/sources/ssh/kept-kin.ts';
import type { Transport } from '#engine/ssh/transport.ts';
import { createFakeClock } from '../../../../support/fake-clock.ts';

const info = { user: 'ada', age: { seconds: 60 }, args: 'vllm serve m' };

function asker(alive: readonly number[]) {
  const asked: (readonly number[])[] = [];
  const ask = async (pids: readonly number[]): Promise<Kin> => {
    asked.push(pids);
    return { ...parseKin(''), processes: new Map(alive.map((pid) => [pid, info])) } as unknown as Kin;
  };
  return { asked, ask };
}

const transport = {} as Transport;

test('the same processes over the same connection are asked for once in five minutes, with ages of that moment', async () => {
  const clock = createFakeClock();
  const kinOf = createKeptKin(clock);
  const { asked, ask } = asker([7]);
  const question = { transport, listeners: [7], others: [8], ask };
  const first = await kinOf(question);
  await clock.advance(299_000);
  expect(await kinOf(question)).toMatchObject({ at: first.at, kin: first.kin });
  expect(asked).toEqual([[7, 8]]);
  await clock.advance(2000);
  expect((await kinOf(question)).at).toBe(first.at + 301_000);
  expect(asked).toHaveLength(2);
});

test('another process, or another connection, is asked for at once', async () => {
  const kinOf = createKeptKin(createFakeClock());
  const { asked, ask } = asker([7, 9]);
  await kinOf({ transport, listeners: [7], others: [], ask });
  await kinOf({ transport, listeners: [7], others: [9], ask });
  await kinOf({ transport: {} as Transport, listeners: [7], others: [9], ask });
  expect(asked).toEqual([[7], [7, 9], [7, 9]]);
});

test('an answer without one that listens is not kept', async () => {
  const kinOf = createKeptKin(createFakeClock());
  const { asked, ask } = asker([]);
  await kinOf({ transport, listeners: [7], others: [], ask });
  await kinOf({ transport, listeners: [7], others: [], ask });
  expect(asked).toHaveLength(2);
});
