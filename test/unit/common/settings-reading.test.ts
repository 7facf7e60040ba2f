import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import { readSettings, settingsVersion, toStore } from '#common/settings-reading.ts';

describe('stored settings', () => {
  it('keep what is usable and report the rest, one sentence each', () => {
    const { settings, problems } = readSettings({
      theme: 'dark',
      closeToTray: 'perhaps',
      localPorts: { from: 17_000, to: 16_000 },
      limits: { hosts: 4, httpRequests: -1, fromANewerVersion: 2 },
      hostPattern: '(',
      fromANewerVersion: true,
    });
    expect(settings).toEqual({
      ...defaultSettings,
      theme: 'dark',
      limits: { ...defaultSettings.limits, hosts: 4 },
    });
    expect(problems.map(({ detail }) => detail)).toEqual([
      'limits.httpRequests',
      'localPorts',
      'hostPattern: not a regular expression',
      'closeToTray',
    ]);
  });

  it('contact and forward nothing where what they were to be kept from is broken', () => {
    const welcome = { welcomed: true, excludedHosts: ['off'] };
    expect(readSettings(welcome).settings).toMatchObject(welcome);
    const tooLong = 'x'.repeat(301);
    for (const stored of [
      { ...welcome, excludedHosts: ['off', tooLong] },
      { ...welcome, excludedHosts: Array.from({ length: 10_001 }, (_, at) => `off-${at}`) },
      { ...welcome, hostPattern: '(' },
    ])
      expect(readSettings(stored).settings.welcomed).toBe(false);
    const rules = { autoForward: { enabled: true, denyHosts: ['off', tooLong] } };
    expect(readSettings(rules).settings.autoForward.enabled).toBe(false);
    const latest = { ...defaultSettings, ...welcome };
    expect(readSettings({ welcomed: true, excludedHosts: [tooLong] }, latest).settings).toMatchObject(
      welcome,
    );
  });

  it('are the defaults when there are none', () => {
    expect(readSettings(undefined)).toEqual({ settings: defaultSettings, problems: [] });
    expect(readSettings({})).toEqual({ settings: defaultSettings, problems: [] });
  });

  it('of a newer version are read as far as they are understood, and say so', () => {
    const { settings, problems } = readSettings({ version: settingsVersion + 1, theme: 'dark' });
    expect(settings.theme).toBe('dark');
    expect(problems.map(({ detail }) => detail)).toEqual([expect.stringContaining('newer')]);
  });

  it('keep in the file what is not ours: unknown values, also within a group, and a newer version', () => {
    const before = {
      version: settingsVersion + 1,
      window: { x: 1 },
      limits: { hosts: 4, fromANewerVersion: 2 },
      theme: 'light',
    };
    const stored = toStore({ ...defaultSettings, theme: 'dark' }, before);
    expect(stored).toMatchObject({
      version: settingsVersion + 1,
      window: { x: 1 },
      limits: { ...defaultSettings.limits, fromANewerVersion: 2 },
      theme: 'dark',
    });
    expect(readSettings(stored).settings).toEqual({ ...defaultSettings, theme: 'dark' });
  });

  it('survive any content and are always usable', () => {
    fc.assert(
      fc.property(fc.anything(), (stored) => {
        const { settings } = readSettings(stored);
        expect(readSettings(settings).problems).toEqual([]);
      }),
    );
  });

  it('survive any content below names that are real', () => {
    const groups = fc.dictionary(fc.constantFrom(...Object.keys(defaultSettings)), fc.anything());
    fc.assert(
      fc.property(groups, (stored) => {
        expect(readSettings(readSettings(stored).settings).problems).toEqual([]);
      }),
    );
  });
});

it('takes a rule for free GPUs from before there was a choice for one about one host', () => {
  const rule = {
    id: 'r',
    kind: 'gpus-free',
    enabled: true,
    hosts: [],
    atLeast: 8,
    gpu: '',
    memGiB: 0,
    once: true,
  };
  const { settings, problems } = readSettings({
    notifications: { enabled: true, rules: [rule], mutedHosts: [] },
  });
  expect(problems).toEqual([]);
  expect(settings.notifications.rules).toEqual([{ ...rule, counted: 'one-host' }]);
});
