import { describe, expect, it } from 'vitest';
import { createBudget, createHeldBytes } from '#engine/gateway/held-bytes.ts';

const bytes = (text: string) => Buffer.from(text);
const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString();

it('the budget gives what it has, and takes it back', () => {
  const budget = createBudget(10);
  expect([budget.take(6), budget.take(5), budget.take(4), budget.used()]).toEqual([true, false, true, 10]);
  budget.give(6);
  expect([budget.take(5), budget.used()]).toEqual([true, 9]);
});

describe('what is held of a body', () => {
  it('is let go as a whole, and nothing is held after that', () => {
    const budget = createBudget(100);
    const held = createHeldBytes(budget);
    expect([held.add(bytes('abc')), held.add(bytes('de'))]).toEqual([true, true]);
    expect([text(held.chunks()), held.length(), held.isWhole(), budget.used()]).toEqual([
      'abcde',
      5,
      true,
      5,
    ]);
    held.release();
    expect([held.chunks(), held.length(), held.isWhole(), budget.used()]).toEqual([[], 0, false, 0]);
    expect([held.add(bytes('f')), budget.used()]).toEqual([false, 0]);
  });

  it('is whole where nothing had come when it was let go, until more comes than is held', () => {
    const held = createHeldBytes(createBudget(100));
    held.release();
    expect(held.isWhole()).toBe(true);
    held.lose();
    expect(held.isWhole()).toBe(false);
  });

  it('takes no more than the budget of all requests has left', () => {
    const budget = createBudget(4);
    const [one, other] = [createHeldBytes(budget), createHeldBytes(budget)];
    expect([one.add(bytes('abc')), other.add(bytes('de'))]).toEqual([true, false]);
    one.release();
    expect(other.add(bytes('de'))).toBe(true);
  });

  it.each(['longer than that', 'm', ''])('counts what is put in the place of some of it: %j', (name) => {
    const budget = createBudget(100);
    const held = createHeldBytes(budget);
    for (const chunk of ['{"mo', 'del":"na', 'me","x":1}']) held.add(bytes(chunk));
    held.replace({ start: 10, end: 14 }, bytes(name));
    expect(text(held.chunks())).toBe(`{"model":"${name}","x":1}`);
    expect([held.length(), budget.used()]).toEqual([text(held.chunks()).length, held.length()]);
  });
});
