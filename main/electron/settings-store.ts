import Store from 'electron-store';
import type { Log } from '#engine/log.ts';
import { openSettingsFile, type SettingsFile } from '#engine/stored-settings.ts';
import { silenceStoreListener } from './ipc.ts';
import type { WindowPlacement } from './window-placement.ts';

export interface SettingsStore extends Omit<SettingsFile, 'get' | 'set'> {
  /** What is stored of the window's place, whatever that is. */
  windowPlacement(): unknown;
  storeWindowPlacement(placement: WindowPlacement): void;
  /** True once in the life of the file: what is told only once can be told now. */
  isFirstHide(): boolean;
}

const windowKey = 'window';
const hiddenKey = 'hiddenOnce';

/** The settings file of all faces by electron-store, and what this face alone keeps in it. See {@link openSettingsFile}. */
export function openSettingsStore(folder: string, log: Log): SettingsStore {
  const file = openSettingsFile(folder, (options) => {
    const store = new Store(options);
    silenceStoreListener();
    return store;
  });
  for (const problem of file.problems) log('warn', `settings: ${problem.detail}`);
  const keep = (key: string, value: unknown) => {
    try {
      file.set(key, value);
    } catch (error) {
      log('warn', `the settings file does not take "${key}": ${String(error)}`);
    }
  };
  return {
    ...file,
    windowPlacement: () => file.get(windowKey),
    storeWindowPlacement: (latest) => keep(windowKey, latest),
    isFirstHide() {
      if (file.get(hiddenKey) === true) return false;
      keep(hiddenKey, true);
      return true;
    },
  };
}
