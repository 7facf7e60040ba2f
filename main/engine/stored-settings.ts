/** The settings file that all faces share: `config.json` in the user's folder for configuration. */

import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Conf, { type Options } from 'conf';
import type { Problem } from '#common/model.ts';
import { readSettings, type Settings, type SettingsReading, toStore } from '#common/settings.ts';

type Stored = Record<string, unknown>;
/** What is used of `conf`, and of `electron-store`, which is the same file by another name. */
type Store = Pick<Conf<Stored>, 'path' | 'store' | 'set'>;

export interface SettingsFile extends SettingsReading {
  readonly path: string;
  /** Writes them beside whatever else the file holds. Throws what the file system says. */
  save(settings: Settings): void;
  /** What a face keeps for itself, by a key that is no setting; undefined where that cannot be read. */
  get(key: string): unknown;
  /** Throws what the file system says. */
  set(key: string, value: unknown): void;
}

/** The folder of the settings file; it need not exist. */
export function settingsFolder(): string {
  // A broken file must not hide where it lies; only a write would replace it.
  return dirname(new Conf({ projectName: 'vllm-tray', projectSuffix: '', clearInvalidConfig: true }).path);
}

/**
 * Opens `config.json` in the folder, and never throws: a file that is not JSON is kept as `config.json.broken`; that, every
 * value that is not usable, and a folder that cannot be read are problems, and the defaults stand in.
 */
export function openSettingsFile(
  folder: string,
  create: (options: Options<Stored>) => Store = (options) => new Conf<Stored>(options),
): SettingsFile {
  const problems: Problem[] = [];
  let broken = false;
  let store: Store | null = null;
  let stored: Stored | undefined;
  try {
    store = create({
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
    stored = store.store;
    if (broken) {
      copyFileSync(store.path, `${store.path}.broken`);
      problems.push(problem(`${store.path} is not JSON; it is kept as ${store.path}.broken`));
    }
  } catch (error) {
    problems.push(problem(`the settings could not be read: ${String(error)}`));
  }
  const reading = readSettings(stored);
  const own: Stored = { ...stored };
  return {
    path: store?.path ?? join(folder, 'config.json'),
    settings: reading.settings,
    problems: [...problems, ...reading.problems],
    save(settings) {
      if (store !== null) store.store = toStore(settings, store.store) as Stored;
    },
    get: (key) => own[key],
    set(key, value) {
      own[key] = value;
      store?.set(key, value);
    },
  };
}

function problem(detail: string): Problem {
  return { code: 'settings-broken', detail };
}
