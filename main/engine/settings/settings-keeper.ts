import { isDeepStrictEqual } from 'node:util';
import { AppError, type Problem } from '#common/failure.ts';
import { defaultSettings, type Settings, type SettingsChange } from '#common/settings.ts';
import { readSettings, toStore } from '#common/settings-reading.ts';
import { plainText } from '#common/text.ts';
import type { Store } from '../store.ts';

export interface SettingsKeeperDeps {
  readonly store: Store;
  /** Writes what differs between the two where it lasts; may reject. Absent: they last as long as the engine. */
  readonly save?: ((after: Settings, before: Settings) => Promise<void>) | undefined;
  /** Called after a change, when the Snapshot has it. */
  readonly onChange: (after: Settings, before: Settings) => void;
}

/** Changes the settings of the Snapshot, stores them and tells who must know. */
export interface SettingsKeeper {
  /** Groups that are not named stay. Errors: `settings-not-saved`; the change holds until the app ends all the same. */
  update(change: SettingsChange): Promise<void>;
  /** The settings as a file's text. They hold no secret. */
  exported(): string;
  /** Takes the settings of such a text, except for what this computer has decided. Errors: `bad-request`; what is not usable comes back as problems. */
  imported(text: string): Promise<readonly Problem[]>;
  reset(): Promise<void>;
  /** Takes over what another copy of the app has stored. */
  takeOver(settings: Settings): void;
}

export function createSettingsKeeper({ store, save, onChange }: SettingsKeeperDeps): SettingsKeeper {
  const apply = (after: Settings): void => {
    const before = store.current().settings;
    store.apply({ kind: 'parts-changed', parts: { settings: after } });
    onChange(after, before);
  };

  const set = async (after: Settings): Promise<void> => {
    const before = store.current().settings;
    apply(after);
    try {
      await save?.(after, before);
    } catch (error) {
      throw new AppError('settings-not-saved', { detail: plainText(String(error)), cause: error });
    }
  };

  return {
    async update(change) {
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      await set({ ...store.current().settings, ...Object.fromEntries(given) });
    },
    exported: () => `${JSON.stringify(toStore(store.current().settings, null), null, 2)}\n`,
    async imported(text) {
      const { settings, problems } = readSettings(parse(text));
      const { welcomed, startAtLogin, gateway } = store.current().settings;
      const here = { welcomed, startAtLogin, gateway: { ...settings.gateway, enabled: gateway.enabled } };
      await set({ ...settings, ...here });
      return problems;
    },
    async reset() {
      const { welcomed, excludedHosts } = store.current().settings;
      await set({ ...defaultSettings, welcomed, excludedHosts });
    },
    takeOver(settings) {
      if (!isDeepStrictEqual(settings, store.current().settings)) apply(settings);
    },
  };
}

function parse(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch {
    // Reported below like everything else that is not an object.
  }
  throw new AppError('bad-request', { detail: 'the file does not hold settings of this app' });
}
