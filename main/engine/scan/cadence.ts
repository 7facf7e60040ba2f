/** How often a host is measured: by how many there are, and whether it is on the screen. Pure. */

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

/** Milliseconds between two measurements of a host. */
export interface Paces {
  readonly inViewMs: number;
  readonly elsewhereMs: number;
}

/** So many hosts that no row shows are measured at the full rate; of more, as many as these are in the same time. */
const beside = 100;
/** The same for a face without a window, such as a terminal, whose rows are not known. */
const withoutWindow = 200;

/**
 * What is on the screen is measured at the cadence of the settings, and so is all of a small fleet. Of a large one the others
 * come less often, so that the number of measurements stays the same, but never less often than while no window is shown:
 * that is what the age of a number is judged by (`maxAgeMs`).
 */
export function pacesOf({ gpusMs, hiddenMs, batteryMs }: Settings['cadence'], view: FleetView): Paces {
  const { hosts, inView, shown, onBattery } = view;
  const inViewMs = Math.max(shown ? gpusMs : hiddenMs, onBattery ? batteryMs : 0);
  const others = hosts - (inView ?? 0);
  const stretched = (inViewMs * others) / (inView === null ? withoutWindow : beside);
  return { inViewMs, elsewhereMs: Math.max(inViewMs, Math.min(stretched, hiddenMs)) };
}
