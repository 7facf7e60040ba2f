import Conf from 'conf';
import { readSettings, type SettingsReading } from './settings.ts';

/** Reads the settings that the faces share; a file that cannot be read at all is one problem and means the defaults. */
export function storedSettings(): SettingsReading {
  try {
    return readSettings(new Conf({ projectName: 'vllm-tray', projectSuffix: '' }).store);
  } catch (error) {
    const { settings } = readSettings(undefined);
    const detail = error instanceof Error ? error.message : String(error);
    return { settings, problems: [{ code: 'settings-broken', detail }] };
  }
}
