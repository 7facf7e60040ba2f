import path from 'node:path';
import { safeStorage } from 'electron';
import Store from 'electron-store';
import type { Log } from '#engine/diagnostics/log.ts';
import { closeFolder, removeLeftovers } from '#engine/files/replace.ts';
import type { SecretStore } from '#engine/secrets/prompts.ts';
import { silenceStoreListener } from './ipc.ts';

/**
 * Keeps what a person wants remembered in `secrets.json` in the folder, encrypted by the system's keyring (Electron's
 * safeStorage); apart from the settings, so that those can be shown and copied. Null where Linux has no keyring: what
 * safeStorage does there only obscures. The keyring itself is opened when something is first read or written.
 */
export function openSecretStore(folder: string, platform: NodeJS.Platform, log: Log): SecretStore | null {
  if (platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') return null;
  // There is one desktop app at a time, and nothing else writes this file.
  closeFolder(folder);
  removeLeftovers(path.join(folder, 'secrets.json'));
  const store = new Store<Record<string, string>>({
    cwd: folder,
    name: 'secrets',
    clearInvalidConfig: true,
    // Host names have dots.
    accessPropertiesByDotNotation: false,
    configFileMode: 0o600,
  });
  silenceStoreListener();
  const write = async (memo: string, secret: string): Promise<void> => {
    try {
      store.set(memo, (await safeStorage.encryptStringAsync(secret)).toString('base64'));
    } catch (error) {
      log('warn', `an answer cannot be remembered: ${String(error)}`);
    }
  };
  return {
    memos: () => Object.keys(store.store),
    async read(memo) {
      const stored: unknown = store.get(memo);
      if (typeof stored !== 'string') return null;
      try {
        const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(
          Buffer.from(stored, 'base64'),
        );
        if (shouldReEncrypt) await write(memo, result);
        return result;
      } catch {
        // A keyring that is locked, or another desktop's, as after a change from GNOME to KDE: it may be there again next time.
        log('warn', 'a remembered answer cannot be decrypted now; it will be asked for');
        return null;
      }
    },
    write,
    remove: (memo) => store.delete(memo),
  };
}
