import { expect, it } from 'vitest';
import { emptySnapshot } from '#common/reduce.ts';
import { defaultSettings, type Settings } from '#common/settings.ts';
import { createSettingsKeeper } from '#engine/settings-keeper.ts';
import { createStore } from '#engine/store.ts';

function open(save?: (settings: Settings) => void) {
  const store = createStore(emptySnapshot({ kind: 'demo' }, defaultSettings));
  const changes: (readonly [Settings, Settings])[] = [];
  const keeper = createSettingsKeeper({
    store,
    save,
    onChange: (after, before) => changes.push([after, before]),
  });
  return { store, keeper, changes, settings: () => store.current().settings };
}

it('changes the groups that are named, stores them and tells', () => {
  const saved: Settings[] = [];
  const { keeper, settings, changes } = open((after) => saved.push(after));
  keeper.update({ theme: 'dark', closeToTray: undefined });
  expect(settings()).toEqual({ ...defaultSettings, theme: 'dark' });
  expect(saved).toEqual([settings()]);
  expect(changes).toEqual([[settings(), defaultSettings]]);
});

it('holds a change that could not be stored, and says so', () => {
  const { keeper, settings } = open(() => {
    throw new Error('ENOSPC: no space left on device');
  });
  expect(() => keeper.update({ theme: 'dark' })).toThrow(
    expect.objectContaining({ code: 'settings-not-saved', detail: expect.stringContaining('ENOSPC') }),
  );
  expect(settings().theme).toBe('dark');
});

it('takes exported settings back, but not what this computer has decided', () => {
  const other = open();
  other.keeper.update({ theme: 'dark', welcomed: true, startAtLogin: true, excludedHosts: ['a'] });
  const { keeper, settings } = open();
  expect(keeper.imported(other.keeper.exported())).toEqual([]);
  expect(settings()).toEqual({ ...defaultSettings, theme: 'dark', excludedHosts: ['a'] });
  expect(keeper.imported('{"theme":"pink"}')).toMatchObject([{ code: 'settings-broken' }]);
  for (const text of ['', '[]', '{', 'null'])
    expect(() => keeper.imported(text)).toThrow(expect.objectContaining({ code: 'bad-request' }));
});

it('goes back to the defaults without switching hosts on again', () => {
  const { keeper, settings } = open();
  keeper.update({ theme: 'dark', welcomed: true, excludedHosts: ['a'] });
  keeper.reset();
  expect(settings()).toEqual({ ...defaultSettings, welcomed: true, excludedHosts: ['a'] });
});
