import { copyFileSync } from 'node:fs';
import Store from 'electron-store';
import type { Log } from '#engine/log.ts';
import { readSettings, type Settings } from '#engine/settings.ts';
import { silenceStoreListener } from './ipc.ts';
import type { WindowPlacement } from './window-placement.ts';

export interface SettingsStore {
  readonly settings: Settings;
  /** What is stored of the window's place, whatever that is. */
  windowPlacement(): unknown;
  storeWindowPlacement(placement: WindowPlacement): void;
}

const windowKey = 'window';

/**
 * Opens `config.json` in the folder. A file that is not JSON is kept as `config.json.broken`, and
 * every value that is not usable is reported; neither stops the app, nor does a folder that cannot be read or written.
 */
export function openSettingsStore(folder: string, log: Log): SettingsStore {
  const store = orNull('the settings could not be read', log, () => openStore(folder, log));
  const stored = orNull('the settings could not be read', log, () => store?.store);
  const { settings, problems } = readSettings(stored);
  for (const problem of problems) log('warn', `settings: ${problem.detail}`);
  let placement: unknown = stored?.[windowKey];
  return {
    settings,
    windowPlacement: () => placement,
    storeWindowPlacement(latest) {
      placement = latest;
      orNull("the window's place could not be stored", log, () => store?.set(windowKey, latest));
    },
  };
}

type Stored = Record<string, unknown>;

function openStore(folder: string, log: Log): Store<Stored> {
  let broken = false;
  const store = new Store<Stored>({
    cwd: folder,
    // Reads as empty what is not JSON; it is overwritten only by the next write, so there is time to keep it.
    clearInvalidConfig: true,
    deserialize(text) {
      try {
        return JSON.parse(text);
      } catch (error) {
        broken = true;
        throw error;
      }
    },
  });
  silenceStoreListener();
  if (broken) {
    copyFileSync(store.path, `${store.path}.broken`);
    log('warn', `settings: ${store.path} is not JSON; it is kept as ${store.path}.broken`);
  }
  return store;
}

function orNull<T>(what: string, log: Log, work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    log('warn', `${what}: ${String(error)}`);
    return null;
  }
}
