import { dirname } from 'node:path';
import Conf from 'conf';
import { readSettings, type SettingsReading } from './settings.ts';

/** The one file that all faces share: `config.json` in the user's folder for configuration. */
const location = { projectName: 'vllm-tray', projectSuffix: '' } as const;

/** The folder of the settings file; it need not exist. */
export function settingsFolder(): string {
  // A broken file must not hide where it lies; only a write would replace it.
  return dirname(new Conf({ ...location, clearInvalidConfig: true }).path);
}

/** Reads the settings that the faces share; a file that cannot be read at all is one problem and means the defaults. */
export function storedSettings(): SettingsReading {
  try {
    return readSettings(new Conf(location).store);
  } catch (error) {
    const { settings } = readSettings(undefined);
    const detail = error instanceof Error ? error.message : String(error);
    return { settings, problems: [{ code: 'settings-broken', detail }] };
  }
}
