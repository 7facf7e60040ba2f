import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultSettings, readSettings } from '#engine/settings.ts';

describe('stored settings', () => {
  it('keep what is usable and report the rest, one sentence each', () => {
    const { settings, problems } = readSettings({
      theme: 'dark',
      closeToTray: 'perhaps',
      localPorts: { from: 17_000, to: 16_000 },
      limits: { ...defaultSettings.limits, hosts: 4 },
      fromANewerVersion: true,
    });
    expect(settings).toEqual({
      ...defaultSettings,
      theme: 'dark',
      limits: { ...defaultSettings.limits, hosts: 4 },
    });
    expect(problems.map((problem) => problem.detail.split(':')[0])).toEqual(['localPorts', 'closeToTray']);
  });

  it('are the defaults when there are none', () => {
    expect(readSettings(undefined)).toEqual({ settings: defaultSettings, problems: [] });
    expect(readSettings({})).toEqual({ settings: defaultSettings, problems: [] });
  });

  it('survive any content and are always usable', () => {
    fc.assert(
      fc.property(fc.anything(), (stored) => {
        const { settings } = readSettings(stored);
        expect(readSettings(settings).problems).toEqual([]);
      }),
    );
  });
});
