import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { openSettingsFile, type SettingsFile, settingsFolder } from '#app/stored-settings.ts';
import { defaultSettings, type Settings } from '#common/settings.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vt-settings-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const stored = () => JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));

/** One copy of the app: what it has in memory, which follows the file where that is wanted. */
function copy(follows = false) {
  const file: SettingsFile = openSettingsFile(folder);
  let settings = file.settings;
  if (follows)
    onTestFinished(
      file.follow((latest) => {
        settings = latest;
      }),
    );
  return {
    settings: () => settings,
    async change(fields: Partial<Settings>) {
      const before = settings;
      settings = { ...settings, ...fields };
      await file.save(settings, before);
    },
  };
}

it('names its folder without making it', () => {
  vi.stubEnv('XDG_CONFIG_HOME', join(folder, 'none'));
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(settingsFolder()).toMatch(/vllm-tray/);
  expect(readdirSync(folder)).toEqual([]);
});

it('has what two copies have changed that did not know of each other', async () => {
  const [one, two] = [copy(), copy()];
  await one.change({
    excludedHosts: ['a'],
    theme: 'dark',
    ssh: { transport: 'auto', hosts: { a: 'system' } },
  });
  await two.change({
    excludedHosts: ['b'],
    idleRule: { ...defaultSettings.idleRule, samples: 5 },
    ssh: { transport: 'system', hosts: { b: 'built-in' } },
  });
  await one.change({ idleRule: { ...defaultSettings.idleRule, maxMemPct: 7 } });
  expect(openSettingsFile(folder).settings).toEqual({
    ...defaultSettings,
    excludedHosts: ['a', 'b'],
    theme: 'dark',
    idleRule: { ...defaultSettings.idleRule, samples: 5, maxMemPct: 7 },
    ssh: { transport: 'system', hosts: { a: 'system', b: 'built-in' } },
  });
});

it('has of two copies each what the other has taken out of a list or changed in it', async () => {
  const rule = (id: string, hosts: string[] = []) => ({ id, kind: 'host' as const, enabled: true, hosts });
  const with3 = { ...defaultSettings.notifications, rules: [rule('a'), rule('b'), rule('c')] };
  await copy().change({ notifications: with3, excludedHosts: ['x', 'y'] });
  const [one, two] = [copy(), copy()];
  await one.change({ notifications: { ...with3, rules: [rule('b'), rule('c')] }, excludedHosts: ['y'] });
  await two.change({
    notifications: { ...with3, rules: [rule('a'), rule('b', ['h']), rule('c'), rule('d')] },
    excludedHosts: ['x', 'y', 'z'],
  });
  const { notifications, excludedHosts } = openSettingsFile(folder).settings;
  expect(notifications.rules).toEqual([rule('b', ['h']), rule('c'), rule('d')]);
  expect(excludedHosts).toEqual(['y', 'z']);
});

it('has the latest of two changes that do not go together', async () => {
  const [one, two] = [copy(), copy()];
  await one.change({ localPorts: { from: 16_150, to: 16_199 } });
  await two.change({ localPorts: { from: 16_100, to: 16_120 } });
  expect(openSettingsFile(folder)).toMatchObject({
    settings: { localPorts: { from: 16_100, to: 16_120 } },
    problems: [],
  });
});

it('holds no value that nobody has chosen, and keeps what is not its own', async () => {
  writeFileSync(join(folder, 'config.json'), '{"later":{"a":1},"idleRule":{"samples":3,"colour":"red"}}');
  await copy().change({ idleRule: { ...defaultSettings.idleRule, samples: 4 } });
  expect(stored()).toEqual({ later: { a: 1 }, idleRule: { samples: 4, colour: 'red' }, version: 1 });
});

it('is taken over by a copy that runs', async () => {
  const [one, two] = [copy(), copy(true)];
  await one.change({ excludedHosts: ['a'] });
  await expect.poll(() => two.settings().excludedHosts, { timeout: 20_000 }).toEqual(['a']);
  await two.change({ theme: 'dark' });
  await one.change({ excludedHosts: ['a', 'b'] });
  await expect.poll(() => two.settings().excludedHosts, { timeout: 20_000 }).toEqual(['a', 'b']);
  expect(two.settings().theme).toBe('dark');
});

it.each(['{', '', 'null', null, '{"excludedHosts":7}'])(
  'switches no host on again when it becomes %j while a copy runs',
  async (text) => {
    await copy().change({ excludedHosts: ['a'] });
    const two = copy(true);
    if (text === null) rmSync(join(folder, 'config.json'));
    else writeFileSync(join(folder, 'config.json'), text);
    await two.change({ theme: 'dark' });
    // Read again after that: whatever it held, or did not.
    const last = copy();
    await last.change({ contrast: 'more' });
    await expect.poll(() => two.settings().contrast, { timeout: 20_000 }).toBe('more');
    expect(two.settings()).toMatchObject({ excludedHosts: ['a'], theme: 'dark' });
  },
);

it('of a folder that cannot be written says so and lasts as long as the process', async () => {
  const blocked = join(folder, 'file');
  writeFileSync(blocked, '');
  const file = openSettingsFile(join(blocked, 'below', 'vllm-tray'));
  expect(file.settings).toEqual(defaultSettings);
  expect(file.problems).toEqual([
    { code: 'settings-not-saved', detail: expect.stringContaining(`${blocked} is no folder`) },
  ]);
  await expect(file.set('window', 1)).rejects.toThrow();
  expect(file.get('window')).toBe(1);
  await file.settle();
});

it('of a folder that is not there yet is no problem', () => {
  const file = openSettingsFile(join(folder, 'a', 'vllm-tray'));
  expect(file.problems).toEqual([]);
  expect(existsSync(join(folder, 'a'))).toBe(false);
});

it('leaves the folder of others beside it alone', async () => {
  mkdirSync(join(folder, 'other'), { mode: 0o755 });
  await copy().change({ theme: 'dark' });
  expect(readdirSync(folder).sort()).toEqual(['config.json', 'other']);
});
