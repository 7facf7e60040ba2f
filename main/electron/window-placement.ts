/** Where the window was, and whether it can be there again. */

import * as z from 'zod/mini';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface WindowPlacement extends Rectangle {
  readonly maximized: boolean;
}

export const minimumSize = { width: 480, height: 400 } as const;
const defaultSize = { width: 1100, height: 720 } as const;

const whole = z.int().check(z.gte(-100_000), z.lte(100_000));
const placementSchema = z.object({ x: whole, y: whole, width: whole, height: whole, maximized: z.boolean() });

/** Size and, where it is known and still on a screen, position. */
export interface InitialPlacement {
  readonly width: number;
  readonly height: number;
  readonly x?: number;
  readonly y?: number;
  readonly maximized: boolean;
}

/**
 * What to open the window with, from whatever was stored: in the stored place while its title bar can be reached on one
 * of the work areas (the first is the primary one's), otherwise centred, and never larger than its screen.
 */
export function initialPlacement(stored: unknown, workAreas: readonly Rectangle[]): InitialPlacement {
  const parsed = z.safeParse(placementSchema, stored);
  const wanted = parsed.success ? parsed.data : { ...defaultSize, maximized: false };
  const home = parsed.success ? workAreas.find((area) => isReachable(parsed.data, area)) : undefined;
  const area = home ?? workAreas[0] ?? defaultSize;
  return {
    width: clamp(wanted.width, minimumSize.width, area.width),
    height: clamp(wanted.height, minimumSize.height, area.height),
    ...(home !== undefined && parsed.success && { x: parsed.data.x, y: parsed.data.y }),
    maximized: wanted.maximized,
  };
}

/** At least 120 × 30 pixels of the title bar lie on the area: enough to take hold of the window. */
function isReachable(window: Rectangle, area: Rectangle): boolean {
  const overlap = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
  return overlap >= 120 && window.y >= area.y && window.y + 30 <= area.y + area.height;
}

/** The lower bound wins: on a screen smaller than the minimum the window is as small as it may be. */
function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(value, max));
}
