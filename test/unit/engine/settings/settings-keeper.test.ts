import { expect, it } from 'vitest';
import { emptySnapshot } from '#common/reduce.ts';
import { defaultSettings, type Settings } from '#common/settings.ts';
import { createSettingsKeeper } from '#engine/settings/settings-keeper.ts';
import { createStore } from '#engine/store.ts';

function open(save?: (after: Settings, before: Settings) => Promise<void>) {
  const store = createStore(emptySnapshot({ kind: 'demo' }, defaultSettings));
  const changes: (readonly [Settings, Settings])[] = [];
  const keeper = createSettingsKeeper({
    store,
    save,
    onChange: (after, before) => changes.push([after, before]),
  });
  return { store, keeper, changes, settings: () => store.current().settings };
}

it('changes the groups that are named, stores them and tells', async () => {
  const saved: Settings[] = [];
  const { keeper, settings, changes } = open(async (after) => void saved.push(after));
  await keeper.update({ theme: 'dark', closeToTray: undefined });
  expect(settings()).toEqual({ ...defaultSettings, theme: 'dark' });
  expect(saved).toEqual([settings()]);
  expect(changes).toEqual([[settings(), defaultSettings]]);
});

it('holds a change that could not be stored, and says so', async () => {
  const { keeper, settings } = open(async () => {
    throw new Error('ENOSPC: no space left on device');
  });
  await expect(keeper.update({ theme: 'dark' })).rejects.toMatchObject({
    code: 'settings-not-saved',
    detail: expect.stringContaining('ENOSPC'),
  });
  expect(settings().theme).toBe('dark');
});

it('takes exported settings back, but not what this computer has decided', async () => {
  const other = open();
  await other.keeper.update({ theme: 'dark', welcomed: true, startAtLogin: true, excludedHosts: ['a'] });
  const { keeper, settings } = open();
  expect(await keeper.imported(other.keeper.exported())).toEqual([]);
  expect(settings()).toEqual({ ...defaultSettings, theme: 'dark', excludedHosts: ['a'] });
  expect(await keeper.imported('\ufeff{"theme":"light"}\r\n')).toEqual([]);
  expect(settings().theme).toBe('light');
  expect(await keeper.imported('{"theme":"pink"}')).toMatchObject([{ code: 'settings-broken' }]);
  for (const text of ['', '[]', '{', 'null'])
    await expect(keeper.imported(text)).rejects.toMatchObject({ code: 'bad-request' });
});

it('goes back to the defaults without switching hosts on again', async () => {
  const { keeper, settings } = open();
  await keeper.update({ theme: 'dark', welcomed: true, excludedHosts: ['a'] });
  await keeper.reset();
  expect(settings()).toEqual({ ...defaultSettings, welcomed: true, excludedHosts: ['a'] });
});

it('takes over what another copy has stored, and stores nothing for it', async () => {
  const saved: Settings[] = [];
  const { keeper, settings, changes } = open(async (after) => void saved.push(after));
  keeper.takeOver({ ...defaultSettings, excludedHosts: ['a'] });
  keeper.takeOver({ ...defaultSettings, excludedHosts: ['a'] });
  expect(settings().excludedHosts).toEqual(['a']);
  expect(changes).toHaveLength(1);
  expect(saved).toEqual([]);
});
