import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Alarm, type Clock, createAlarm, systemClock } from '#common/timer.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The system's clock over fake timers, and the fake clock: the tests' double must do what the real one does. */
const clocks: readonly [string, () => { clock: Clock; pass: (ms: number) => Promise<unknown> }][] = [
  ['the system', () => ({ clock: systemClock, pass: (ms) => vi.advanceTimersByTimeAsync(ms) })],
  [
    'the tests',
    () => {
      vi.useRealTimers();
      const clock = createFakeClock();
      return { clock, pass: (ms) => clock.advance(ms) };
    },
  ],
];

describe.each(clocks)('the clock of %s', (_name, start) => {
  it('calls once after its time, and again and again at its pace, until it is cancelled', async () => {
    const { clock, pass } = start();
    const calls: string[] = [];
    const beganAt = clock.now();
    clock.after(250, () => calls.push(`once at ${clock.now() - beganAt}`));
    clock.after(50, () => calls.push('never')).cancel();
    const timer = clock.every(100, () => calls.push(`every at ${clock.now() - beganAt}`));
    await pass(99);
    expect(calls).toEqual([]);
    await pass(201);
    timer.cancel();
    timer.cancel();
    await pass(1000);
    expect(calls).toEqual(['every at 100', 'every at 200', 'once at 250', 'every at 300']);
  });

  it('has a wall clock that goes with it', async () => {
    const { clock, pass } = start();
    const [wall, now] = [clock.wallNow(), clock.now()];
    await pass(700);
    expect([clock.wallNow() - wall, clock.now() - now]).toEqual([700, 700]);
  });
});

describe('an alarm', () => {
  const set = (): { alarm: Alarm; calls: string[]; clock: ReturnType<typeof createFakeClock> } => {
    vi.useRealTimers();
    const clock = createFakeClock();
    return { alarm: createAlarm({ clock }), calls: [], clock };
  };

  it('replaces what was set', async () => {
    const { alarm, calls, clock } = set();
    alarm.every(10, () => calls.push('every'));
    alarm.after(100, () => calls.push('first'));
    alarm.after(200, () => calls.push('second'));
    await clock.advance(500);
    expect(calls).toEqual(['second']);
  });

  it('is set until its work begins, and may be set again by it', async () => {
    const { alarm, calls, clock } = set();
    expect(alarm.isSet()).toBe(false);
    alarm.after(100, () => {
      calls.push(`set: ${alarm.isSet()}`);
      alarm.after(100, () => calls.push('again'));
    });
    expect(alarm.isSet()).toBe(true);
    await clock.advance(100);
    expect([calls, alarm.isSet()]).toEqual([['set: false'], true]);
    await clock.advance(100);
    expect([calls, alarm.isSet()]).toEqual([['set: false', 'again'], false]);
  });

  it('stays set while it repeats, until it is cancelled', async () => {
    const { alarm, calls, clock } = set();
    alarm.every(100, () => calls.push('every'));
    await clock.advance(250);
    expect([calls.length, alarm.isSet()]).toEqual([2, true]);
    alarm.cancel();
    await clock.advance(250);
    expect([calls.length, alarm.isSet(), clock.timers()]).toEqual([2, false, 0]);
  });
});

it('keeps the process alive, unless it runs in the background', () => {
  vi.useRealTimers();
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const inBackground = [
    systemClock.after(60_000, () => undefined, { background: true }),
    systemClock.every(60_000, () => undefined, { background: true }),
  ];
  expect(timers()).toBe(before);
  const awake = systemClock.after(60_000, () => undefined);
  expect(timers()).toBe(before + 1);
  for (const timer of [...inBackground, awake]) timer.cancel();
  expect(timers()).toBe(before);
});
