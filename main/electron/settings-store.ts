import { openSettingsFile, type SettingsFile } from '#app/stored-settings.ts';
import { describeFailure } from '#common/failure.ts';
import type { Log } from '#engine/diagnostics/log.ts';
import type { WindowPlacement } from './window-placement.ts';

export interface SettingsStore extends Omit<SettingsFile, 'get' | 'set'> {
  /** What is stored of the window's place, whatever that is. */
  windowPlacement(): unknown;
  storeWindowPlacement(placement: WindowPlacement): void;
  /** True once in the life of the file: what is said only once can be said now. */
  isFirstHide(): boolean;
}

const windowKey = 'window';
const hiddenKey = 'hiddenOnce';

/** The settings file of all faces, and what this face alone keeps in it. See {@link openSettingsFile}. */
export function openSettingsStore(folder: string, log: Log): SettingsStore {
  const file = openSettingsFile(folder);
  for (const problem of file.problems) log('warn', describeFailure(problem));
  const keep = (key: string, value: unknown) => {
    file
      .set(key, value)
      .catch((error: unknown) => log('warn', `the settings file does not take "${key}": ${String(error)}`));
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
