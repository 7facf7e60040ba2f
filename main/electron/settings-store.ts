import { copyFileSync } from 'node:fs';
import Conf from 'conf';
import type { Log } from '#engine/log.ts';
import { readSettings, type Settings } from '#engine/settings.ts';
import type { WindowPlacement } from './window-placement.ts';

export interface SettingsStore {
  readonly settings: Settings;
  /** What is stored of the window's place, whatever that is. */
  windowPlacement(): unknown;
  storeWindowPlacement(placement: WindowPlacement): void;
}

/** The file that all faces share. */
export const sharedLocation = { projectName: 'vllm-tray', projectSuffix: '' } as const;

const windowKey = 'window';

/**
 * Opens `config.json`, of all faces or in the given folder. A file that is not JSON is kept as `config.json.broken`, and
 * every value that is not usable is reported; neither stops the app, nor does a folder that cannot be read or written.
 *
 * This is the store inside electron-store, without the IPC listener that electron-store adds for any renderer to call.
 */
export function openSettingsStore(
  location: { readonly cwd: string } | typeof sharedLocation,
  log: Log,
): SettingsStore {
  const store = orNull('the settings could not be read', log, () => openConf(location, log));
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

type Store = Conf<Record<string, unknown>>;

function openConf(location: { readonly cwd: string } | typeof sharedLocation, log: Log): Store {
  let broken = false;
  const store: Store = new Conf({
    ...location,
    configName: 'config',
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
