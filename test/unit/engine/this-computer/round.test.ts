import { describe, expect, it } from 'vitest';
import type { Answers } from '#engine/this-computer/answers.ts';
import type { Finder, Findings } from '#engine/this-computer/find.ts';
import { changedParts, isOfDemo, type Round } from '#engine/this-computer/round.ts';
import { anOtherForward } from '../../../support/samples.ts';
import { snapshot } from '../../../support/snapshot.ts';

const nothing: Awaited<ReturnType<Finder['find']>> = {
  tmux: 'available',
  processes: 'available',
  forwards: [],
  list: [],
  sessions: new Map(),
};
const forwarded = (fields: { hostId: string | null; hasProcess: boolean }): Findings => ({
  ...nothing,
  forwards: [
    {
      forward: { ...anOtherForward, localPort: 16_100, hostId: fields.hostId },
      process: fields.hasProcess ? { pid: 7 } : null,
    },
  ] as unknown as Findings['forwards'],
});
const at16100 = { port: 16_100 } as Parameters<typeof isOfDemo>[0];
const listening = [{ port: 16_100 }] as unknown as Round['listening'];

describe('beside the demo cluster a port is asked', () => {
  it('where an ssh leads from it to a host of the demo', () => {
    expect(isOfDemo(at16100, { findings: forwarded({ hostId: 'h', hasProcess: true }), listening })).toBe(
      true,
    );
  });

  it('not where it leads elsewhere, or what has it is not seen', () => {
    const elsewhere = forwarded({ hostId: null, hasProcess: true });
    const unseen = forwarded({ hostId: 'h', hasProcess: false });
    expect(isOfDemo(at16100, { findings: elsewhere, listening })).toBe(false);
    expect(isOfDemo(at16100, { findings: unseen, listening })).toBe(false);
    expect(isOfDemo(at16100, { findings: nothing, listening })).toBe(false);
  });

  it('where a forward has it at which nothing listens any more', () => {
    const dead = forwarded({ hostId: null, hasProcess: false });
    expect(isOfDemo(at16100, { findings: dead, listening: [] })).toBe(true);
    expect(isOfDemo(at16100, { findings: dead, listening: null })).toBe(false);
  });
});

it('what has not changed since is no part of a change', () => {
  const answers = { of: () => new Map() } as unknown as Answers;
  const round: Round = { findings: nothing, listening: [], copies: [], candidates: [], lookedAt: 5 };
  const before = snapshot({});
  const parts = changedParts(round, answers, before, new Map());
  expect(parts).toEqual({
    otherForwards: { tmux: 'available', processes: 'available', forwards: [], lookedAt: 5 },
  });
  expect(changedParts(round, answers, { ...before, ...parts }, new Map())).toBeNull();
});
