/** How far back a chart goes. */
export const ranges = ['half-hour', 'day'] as const;
export type Range = (typeof ranges)[number];

export const rangeMs: Readonly<Record<Range, number>> = { 'half-hour': 30 * 60_000, day: 24 * 3_600_000 };
