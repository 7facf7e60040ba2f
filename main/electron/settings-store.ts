import Store from 'electron-store';
import type { Log } from '#engine/log.ts';
import { openSettingsFile, type SettingsFile } from '#engine/stored-settings.ts';
import { silenceStoreListener } from './ipc.ts';
import type { WindowPlacement } from './window-placement.ts';

export interface SettingsStore extends Omit<SettingsFile, 'get' | 'set'> {
  /** What is stored of the window's place, whatever that is. */
  windowPlacement(): unknown;
  storeWindowPlacement(placement: WindowPlacement): void;
}

const windowKey = 'window';

/** The settings file of all faces by electron-store, and the window's place in it. See {@link openSettingsFile}. */
export function openSettingsStore(folder: string, log: Log): SettingsStore {
  const file = openSettingsFile(folder, (options) => {
    const store = new Store(options);
    silenceStoreListener();
    return store;
  });
  for (const problem of file.problems) log('warn', `settings: ${problem.detail}`);
  return {
    ...file,
    windowPlacement: () => file.get(windowKey),
    storeWindowPlacement(latest) {
      try {
        file.set(windowKey, latest);
      } catch (error) {
        log('warn', `the window's place could not be stored: ${String(error)}`);
      }
    },
  };
}
