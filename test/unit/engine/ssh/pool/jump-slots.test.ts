import { expect, it } from 'vitest';
import { createJumpSlots } from '#engine/ssh/pool/jump-slots.ts';
import { resolvedHost } from '../../../../support/ssh/resolved-host.ts';

const hop = resolvedHost({ alias: 'gate', hostname: 'gate.example' });
const other = resolvedHost({ alias: 'other', hostname: 'other.example' });

it('gives 64 targets one connection to their jump host, and more targets further ones', () => {
  const slots = createJumpSlots(() => false);
  const lanes = Array.from({ length: 130 }, () => slots.reserve(hop).place.lane);
  const counts = ['main', 'jump 2', 'jump 3'].map((lane) => lanes.filter((one) => one === lane).length);
  expect(counts).toEqual([64, 64, 2]);
  expect(slots.reserve(other).place.lane).toBe('main');
});

it('gives a slot that has ended to the next target', () => {
  const slots = createJumpSlots(() => false);
  const [first] = Array.from({ length: 65 }, () => slots.reserve(hop));
  first?.end();
  expect(slots.reserve(hop).place).toEqual(first?.place);
  expect(slots.reserve(hop).place.lane).toBe('jump 2');
});

it('keeps all on a connection that takes any number', () => {
  const slots = createJumpSlots(({ lane }) => lane === 'main');
  const lanes = Array.from({ length: 200 }, () => slots.reserve(hop).place.lane);
  expect(new Set(lanes)).toEqual(new Set(['main']));
});

it('counts names of one target together', () => {
  const slots = createJumpSlots(() => false);
  for (let at = 0; at < 64; at += 1) slots.reserve(hop);
  expect(slots.reserve({ ...hop, alias: 'second-name' }).place.lane).toBe('jump 2');
});
