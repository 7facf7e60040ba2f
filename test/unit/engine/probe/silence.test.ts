import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { whenSilent } from '#engine/probe/silence.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** After how many limits it is late, when these bytes come within each of them: of the frame, and of all; then nothing. */
function lateAfter(each: readonly (readonly [frame: number, all: number])[]): number {
  const received = { frame: 0, all: 0 };
  let isLate = false;
  whenSilent({ frameBytes: () => received.frame, allBytes: () => received.all }, 1000, () => {
    isLate = true;
  });
  for (let looks = 0; ; looks += 1) {
    if (isLate) return looks;
    const [frame, all] = each[looks] ?? [0, 0];
    received.frame += frame;
    received.all += all;
    vi.advanceTimersByTime(1000);
  }
}

const frame = [500, 500] as const;
const trickle = [0, 500] as const;

it.each([
  ['at once when nothing comes', [], 1],
  ['when an answer stops', [frame, frame], 3],
  ['after twelve times the limit, however steadily it comes', Array(20).fill(frame), 12],
  ['after three times where only a packet may be under way', Array(20).fill(trickle), 3],
  ['three times after the latest bytes of a frame', [frame, ...Array(20).fill(trickle)], 4],
  ['at once where no more comes than signs of life', [[0, 100]], 1],
  ['at once where more comes than a packet holds', [[0, 40_000]], 1],
] as [string, (readonly [number, number])[], number][])('an answer is late %s', (_name, each, looks) => {
  expect(lateAfter(each)).toBe(looks);
});

it('nothing is late once the watch has ended', () => {
  const late = vi.fn();
  whenSilent({ frameBytes: () => 0, allBytes: () => 0 }, 1000, late)();
  expect(vi.getTimerCount()).toBe(0);
  expect(late).not.toHaveBeenCalled();
});
