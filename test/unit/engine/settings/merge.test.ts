/** Settings that two copies of the app change in one file. */

import { describe, expect, it } from 'vitest';
import { defaultSettings, type Settings } from '#common/settings.ts';
import { settingsVersion } from '#common/settings-reading.ts';
import { mergeSettings } from '#engine/settings/merge.ts';

const base: Settings = defaultSettings;
const rule = (id: string, more: object = {}) =>
  ({ id, kind: 'host', enabled: true, hosts: [], ...more }) as Settings['notifications']['rules'][number];
const withRules = (...rules: ReturnType<typeof rule>[]): Settings => ({
  ...base,
  notifications: { ...base.notifications, rules },
});
/** The file of the other copy. */
const file = (settings: Partial<Settings>, more: object = {}) =>
  ({ version: settingsVersion, ...settings, ...more }) as Record<string, unknown>;

describe('a change of the settings', () => {
  it('is written alone: what another copy has changed stays', () => {
    const after = { ...base, theme: 'dark' } as Settings;
    const merged = mergeSettings(file({ language: 'ru' }), base, after);
    expect(merged).toMatchObject({ theme: 'dark', language: 'ru' });
    expect(merged).not.toHaveProperty('cadence');
  });

  it('within a group leaves the rest of the group as the other copy has it', () => {
    const after = { ...base, cadence: { ...base.cadence, gpusMs: 9000 } };
    const stored = file({ cadence: { ...base.cadence, portsMs: 77_000 } });
    expect(mergeSettings(stored, base, after).cadence).toEqual({
      ...base.cadence,
      portsMs: 77_000,
      gpusMs: 9000,
    });
  });

  it('adds and removes entries of a list, and keeps those of others', () => {
    const before = { ...base, modelPorts: { extra: [1, 2], skip: [] } } as unknown as Settings;
    const after = { ...before, modelPorts: { ...before.modelPorts, extra: [2, 4] } };
    const merged = mergeSettings(file({ modelPorts: { extra: [1, 2, 3], skip: [] } }), before, after);
    expect(merged.modelPorts).toMatchObject({ extra: [2, 3, 4] });
  });

  it('changes a rule by its id, where another copy has added one and removed one', () => {
    const before = withRules(rule('a'), rule('b'), rule('c'));
    const after = withRules(rule('a', { enabled: false }), rule('b'), rule('c'));
    const stored = file(withRules(rule('x'), rule('a'), rule('c')));
    const { rules } = mergeSettings(stored, before, after).notifications as Settings['notifications'];
    expect(rules.map(({ id, enabled }) => [id, enabled])).toEqual([
      ['x', true],
      ['a', false],
      ['c', true],
    ]);
  });

  it('does not bring back a rule that another copy has removed meanwhile', () => {
    const after = withRules(rule('a', { enabled: false }));
    const { rules } = mergeSettings(file(withRules()), withRules(rule('a')), after)
      .notifications as Settings['notifications'];
    expect(rules).toEqual([]);
  });

  it('that is fine alone and not with the other is taken as it is', () => {
    const before = { ...base, localPorts: { from: 16_000, to: 17_000 } };
    const after = { ...base, localPorts: { from: 16_900, to: 17_000 } };
    const merged = mergeSettings(file({ localPorts: { from: 16_000, to: 16_500 } }), before, after);
    expect(merged.localPorts).toEqual({ from: 16_900, to: 17_000 });
  });

  it('that is none writes nothing but the version', () => {
    expect(mergeSettings({ language: 'ru', of: 'a later version' }, base, structuredClone(base))).toEqual({
      language: 'ru',
      of: 'a later version',
      version: settingsVersion,
    });
    expect(mergeSettings({ version: settingsVersion + 5 }, base, base).version).toBe(settingsVersion + 5);
  });

  it('writes all where the file is gone', () => {
    const after = { ...base, theme: 'dark' } as Settings;
    expect(mergeSettings(null, base, after)).toMatchObject({ version: settingsVersion, theme: 'dark' });
  });

  it.each([null, 'text', 7, [], { from: 'x' }])('goes over what is broken in the file: %j', (broken) => {
    const after = { ...base, localPorts: { from: 20_000, to: 20_010 } };
    const merged = mergeSettings(file({}, { localPorts: broken }), base, after);
    expect(merged.localPorts).toEqual({ from: 20_000, to: 20_010 });
  });
});
