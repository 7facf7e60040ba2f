import { describe, expect, it } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import { readSettings } from '#common/settings-reading.ts';

const request = {
  hostId: null,
  model: 'org/model',
  launcher: { kind: 'auto' },
  args: ['--max-model-len', '8192'],
  env: { HF_HOME: '/disk' },
  lifetimeSeconds: 7200,
};
const stored = (change: object) => ({
  launchProfiles: [{ id: 'a', name: 'mine', request: { ...request, ...change } }],
});

describe('profiles in stored settings', () => {
  it('are read as they were saved', () => {
    const { settings, problems } = readSettings(stored({}));
    expect(problems).toEqual([]);
    expect(settings.launchProfiles).toEqual(stored({}).launchProfiles);
  });

  it.each([
    [{ env: { HF_TOKEN: 'x' } }],
    [{ env: { NOTE: `hf_${'a'.repeat(34)}` } }],
    [{ args: ['--api-key', 'x'] }],
    [{ args: [`--header=sk-${'a'.repeat(30)}`] }],
    [{ model: '--help' }],
    [{ args: ['a\nb'] }],
  ])('with %j are left out, and said', (change) => {
    const { settings, problems } = readSettings(stored(change));
    expect(settings.launchProfiles).toEqual(defaultSettings.launchProfiles);
    expect(problems).toMatchObject([{ code: 'settings-broken' }]);
    expect(JSON.stringify(problems)).not.toContain('aaaaaaaa');
  });
});
