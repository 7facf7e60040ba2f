import { expect, it } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import { isUsable, rangeOf, rangeOfRule } from '#common/settings-form.ts';

it('tells the range of every number, which is what the schema takes', () => {
  expect(rangeOf('limits', 'hosts')).toEqual({ from: 1, to: 200, whole: true });
  expect(rangeOf('idleRule', 'maxUtilPct')).toEqual({ from: 0, to: 100, whole: false });
  expect(rangeOfRule('queue-long', 'over')).toEqual({ from: 1, to: 1_000_000, whole: true });
  expect(rangeOfRule('gpus-free', 'memGiB')).toEqual({ from: 0, to: 10_000, whole: true });
  const takes = (maxUtilPct: number) => isUsable({ idleRule: { ...defaultSettings.idleRule, maxUtilPct } });
  const { from, to } = rangeOf('idleRule', 'maxUtilPct');
  expect([from - 1, from, to, to + 1].map(takes)).toEqual([false, true, true, false]);
  expect(isUsable({ idleRule: { maxUtilPct: 5 } })).toBe(false);
});
