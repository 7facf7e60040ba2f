import { asOf } from '#common/freshness.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { createAlarm, every } from '#common/timer.ts';
import { createEngineClock } from './engine-clock.ts';
import type { Pace } from './pace.ts';

/** The Snapshot on screen: new ones come to it at the pace given, and its numbers grow old also when none comes. */
export interface PacedSnapshot {
  /** The newest that is known, whether it is shown yet or not; null: none. */
  latest(): Snapshot | null;
  /** Takes a whole Snapshot, which is shown at once. */
  begin(snapshot: Snapshot): void;
  /** Takes what a patch has made of the latest one, which is shown in time. */
  follow(snapshot: Snapshot): void;
  dispose(): void;
}

type State =
  | { readonly kind: 'empty' }
  | { readonly kind: 'current'; readonly shown: Snapshot }
  /** More is known than is shown. */
  | { readonly kind: 'behind'; readonly shown: Snapshot; readonly latest: Snapshot };

const ageEveryMs = 1000;

/** Calls `show` with what is to be on screen, in which what is too old is unknown. */
export function createPacedSnapshot(pace: Pace, show: (snapshot: Snapshot) => void): PacedSnapshot {
  const clock = createEngineClock();
  const alarm = createAlarm();
  /** As it was received. */
  let state: State = { kind: 'empty' };
  let onScreen: Snapshot | null = null;
  let shownAt = 0;

  /** Of no effect where that is on screen already. */
  const draw = (shown: Snapshot): void => {
    const aged = asOf(shown, clock.now());
    if (aged === onScreen) return;
    onScreen = aged;
    show(aged);
  };

  const catchUp = (): void => {
    alarm.cancel();
    if (state.kind !== 'behind') return;
    state = { kind: 'current', shown: state.latest };
    shownAt = Date.now();
    draw(state.shown);
  };

  const catchUpInTime = (): void => {
    const waitMs = pace.waitMs(Date.now() - shownAt);
    if (waitMs === 0) catchUp();
    else if (!alarm.isSet()) alarm.after(waitMs, catchUpInTime);
  };

  const aging = every(ageEveryMs, () => {
    if (state.kind !== 'empty') draw(state.shown);
  });

  return {
    latest() {
      if (state.kind === 'empty') return null;
      return state.kind === 'behind' ? state.latest : state.shown;
    },
    begin(snapshot) {
      state = { kind: 'current', shown: snapshot };
      clock.begin(snapshot);
      draw(snapshot);
    },
    follow(snapshot) {
      if (state.kind === 'empty') return;
      clock.follow(snapshot);
      state = { kind: 'behind', shown: state.shown, latest: snapshot };
      catchUpInTime();
    },
    dispose() {
      alarm.cancel();
      aging.cancel();
    },
  };
}
