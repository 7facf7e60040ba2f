import { AppError } from '#common/errors.ts';
import type { Problem } from '#common/model.ts';
import {
  defaultSettings,
  readSettings,
  type Settings,
  type SettingsChange,
  toStore,
} from '#common/settings.ts';
import { plainText } from '#common/text.ts';
import type { Store } from './store.ts';

export interface SettingsKeeperDeps {
  readonly store: Store;
  /** Writes the settings where they last; may throw. Absent: they last as long as the engine. */
  readonly save?: ((settings: Settings) => void) | undefined;
  /** Called after a change, when the Snapshot has it. */
  readonly onChange: (after: Settings, before: Settings) => void;
}

/** Changes the settings of the Snapshot, stores them and tells who must know. */
export interface SettingsKeeper {
  /** Groups that are not named stay. Errors: `settings-not-saved`; the change holds until the app ends all the same. */
  update(change: SettingsChange): void;
  /** The settings as a file's text. They hold no secret. */
  exported(): string;
  /** Takes the settings of such a text, except for what this computer has decided. Errors: `bad-request`; what is not usable comes back as problems. */
  imported(text: string): readonly Problem[];
  reset(): void;
}

export function createSettingsKeeper({ store, save, onChange }: SettingsKeeperDeps): SettingsKeeper {
  const set = (after: Settings): void => {
    const before = store.current().settings;
    store.apply({ kind: 'parts-changed', parts: { settings: after } });
    onChange(after, before);
    try {
      save?.(after);
    } catch (error) {
      throw new AppError('settings-not-saved', { detail: plainText(String(error)), cause: error });
    }
  };

  return {
    update(change) {
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      set({ ...store.current().settings, ...Object.fromEntries(given) });
    },
    exported: () => `${JSON.stringify(toStore(store.current().settings, null), null, 2)}\n`,
    imported(text) {
      const { settings, problems } = readSettings(parse(text));
      const { welcomed, startAtLogin } = store.current().settings;
      set({ ...settings, welcomed, startAtLogin });
      return problems;
    },
    reset() {
      const { welcomed, excludedHosts } = store.current().settings;
      set({ ...defaultSettings, welcomed, excludedHosts });
    },
  };
}

function parse(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch {
    // Told below like everything else that is not an object.
  }
  throw new AppError('bad-request', { detail: 'the file does not hold settings of this app' });
}
