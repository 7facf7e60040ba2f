/** How often a host is measured: by how many there are, and whether it is on the screen. Pure. */

import { maxAgeMs } from '#common/freshness.ts';
import type { Settings } from '#common/settings.ts';

export interface FleetView {
  /** Hosts that are up. */
  readonly hosts: number;
  /** Those of them that a window has on the screen; null: no window says what it shows. */
  readonly inView: number | null;
  /** Whether anybody looks. */
  readonly shown: boolean;
  readonly onBattery: boolean;
}

/** Milliseconds between two measurements of a host, and between two looks at its processes, ports and models. */
export interface Pace {
  readonly everyMs: number;
  readonly lookMs: number;
}

export interface Paces {
  readonly inView: Pace;
  readonly elsewhere: Pace;
}

/** So many hosts that no row shows are measured at the full rate; of more, as many as these are in the same time. */
const beside = 100;
/** The same for a face without a window, such as a terminal, whose rows are not known. */
const withoutWindow = 200;

/**
 * What is on the screen is measured at the cadence of the settings, and so is all of a small fleet. Of a large one the others
 * come less often, so that the number of measurements stays the same, but never less often than while no window is shown:
 * that is what the age of a number is judged by (`maxAgeMs`). The looks at their ports become rarer with them, see `isLookDue`.
 */
export function pacesOf(
  { gpusMs, hiddenMs, batteryMs, portsMs }: Settings['cadence'],
  view: FleetView,
): Paces {
  const { hosts, inView, shown, onBattery } = view;
  const inViewMs = Math.max(shown ? gpusMs : hiddenMs, onBattery ? batteryMs : 0);
  const others = hosts - (inView ?? 0);
  const stretch = Math.max(1, others / (inView === null ? withoutWindow : beside));
  return {
    inView: { everyMs: inViewMs, lookMs: portsMs },
    elsewhere: {
      everyMs: Math.max(inViewMs, Math.min(inViewMs * stretch, hiddenMs)),
      lookMs: portsMs * stretch,
    },
  };
}

/**
 * Whether a measurement also looks at processes, ports and models, so long after the latest look: it is time for it, or what
 * that look has found would be too old before the next measurement brings another. That one comes after `everyMs`, and may
 * take a quarter of it, since a slow host is asked after four times as long as it took.
 */
export function isLookDue(
  passedMs: number,
  { everyMs, lookMs }: Pace,
  settings: Pick<Settings, 'cadence' | 'timeouts'>,
): boolean {
  // Less than none when the clock was set back.
  if (passedMs < 0 || passedMs >= lookMs) return true;
  return passedMs + 1.25 * everyMs > maxAgeMs('servers', settings);
}
