/** The settings file that all faces share: `config.json` in the user's folder for configuration. */

import { accessSync, constants, copyFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';
import type { Problem } from '#common/failure.ts';
import type { Settings } from '#common/settings.ts';
import { readSettings, type SettingsReading } from '#common/settings-reading.ts';
import { plainText } from '#common/text.ts';
import { openSharedFile } from '#engine/files/shared-file.ts';
import { mergeSettings } from '#engine/settings/merge.ts';
import { watchFiles } from '#engine/ssh/config/config-watch.ts';

export interface SettingsFile extends SettingsReading {
  readonly path: string;
  /** Writes what differs between the two, beside whatever else the file holds. Rejects with what the file system says. */
  save(after: Settings, before: Settings): Promise<void>;
  /** Calls back with the settings whenever the file was changed, until the returned function is called. */
  follow(onChange: (settings: Settings) => void): () => void;
  /** What a face keeps for itself, by a key that is no setting; undefined where there is none. */
  get(key: string): unknown;
  /** Rejects with what the file system says; `get` gives it all the same. */
  set(key: string, value: unknown): Promise<void>;
  /** Resolves when nothing is left to be written that can be. */
  settle(): Promise<void>;
}

/** A network file system sends no events. */
const pollMs = 5000;

/** The folder of the settings file; it need not exist, and nothing is made. */
export function settingsFolder(): string {
  return envPaths('vllm-tray', { suffix: '' }).config;
}

/**
 * Opens `config.json` in the folder, and never throws: a file that is not JSON is kept as `config.json.broken`; that,
 * every value that is not usable, and a folder that cannot be written are problems. What cannot be read is
 * replaced by the defaults, and what cannot be written lasts as long as the process.
 */
export function openSettingsFile(folder: string): SettingsFile {
  const readAtMs = Date.now();
  const file = openSharedFile(join(folder, 'config.json'));
  const reading = readSettings(file.read());
  let latest = reading.settings;
  return {
    path: file.path,
    settings: reading.settings,
    problems: [...problemsOf(folder, file), ...reading.problems],
    save(after, before) {
      latest = after;
      return file.change((stored) => mergeSettings(stored, before, after));
    },
    follow(onChange) {
      const look = (): void => {
        const stored = file.read();
        // Removing or breaking the file must not switch hosts on again.
        if (stored === null) return;
        latest = readSettings(stored, latest).settings;
        onChange(latest);
      };
      const files = { config: [file.path], includes: [], knownHosts: [], keys: [] };
      return watchFiles(() => files, { onChange: look, readAtMs, pollMs }).close;
    },
    get: (key) => file.read()?.[key],
    set(key, value) {
      const settings = latest;
      return file.change((stored) => ({
        ...(stored ?? mergeSettings(null, settings, settings)),
        [key]: value,
      }));
    },
    settle: file.settle,
  };
}

function problemsOf(folder: string, { path, trouble }: ReturnType<typeof openSharedFile>): Problem[] {
  const found = trouble();
  const unwritable = whyUnwritable(folder);
  return [
    ...(found?.kind === 'broken' ? [broken(`${path} is not JSON; ${keptCopy(path)}`)] : []),
    ...(found?.kind === 'unreadable' ? [broken(`they could not be read: ${String(found.error)}`)] : []),
    ...(unwritable === null
      ? []
      : [{ code: 'settings-not-saved' as const, detail: plainText(`${folder}: ${unwritable}`) }]),
  ];
}

function keptCopy(path: string): string {
  try {
    copyFileSync(path, `${path}.broken`);
    return `it is kept as ${path}.broken`;
  } catch (error) {
    return `it cannot be kept beside it: ${String(error)}`;
  }
}

/** Why nothing can be written in a folder that is there or is to be made; null where it can, as far as the system tells. */
function whyUnwritable(folder: string): string | null {
  try {
    if (!statSync(folder).isDirectory()) return `${folder} is no folder`;
    accessSync(folder, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    const isMissing = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
    return isMissing && dirname(folder) !== folder ? whyUnwritable(dirname(folder)) : String(error);
  }
}

function broken(detail: string): Problem {
  return { code: 'settings-broken', detail: plainText(detail) };
}
