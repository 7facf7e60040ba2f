import { describe, expect, it } from 'vitest';
import { createDropJudge } from '#engine/ssh/drops.ts';

const server = 'login.example';

describe('a drop that may be a penalty', () => {
  it('passes while the server accepts others of ours', () => {
    let now = 0;
    const judge = createDropJudge(() => now);
    for (let drop = 0; drop < 20; drop += 1) {
      now += 1000;
      const droppedAt = now;
      // Known only a moment after the drop, when a handshake that was under way is through.
      now += 100;
      judge.accepted(server);
      expect(judge.mayPass(server, droppedAt)).toBe(true);
    }
  });

  it('is one after the second in a row that nothing explains, for every host on that server', () => {
    const judge = createDropJudge(() => 0);
    expect([1, 2, 3, 4].map(() => judge.mayPass(server, 0))).toEqual([true, true, false, false]);
    expect(judge.mayPass('other.example', 0)).toBe(true);
  });

  it('is forgotten when the server lets us in again, and counts anew long after', () => {
    let now = 0;
    const judge = createDropJudge(() => now);
    for (const _ of [1, 2, 3]) judge.mayPass(server, now);
    judge.accepted(server);
    now = 60_000;
    expect([1, 2, 3].map(() => judge.mayPass(server, now))).toEqual([true, true, false]);
  });
});
