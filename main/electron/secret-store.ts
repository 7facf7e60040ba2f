import { safeStorage } from 'electron';
import Store from 'electron-store';
import type { Log } from '#engine/log.ts';
import type { SecretStore } from '#engine/prompts.ts';
import { silenceStoreListener } from './ipc.ts';

/**
 * Keeps what a person wants remembered in `secrets.json` in the folder, encrypted by the system's keyring (Electron's
 * safeStorage); apart from the settings, so that those can be shown and copied. Null where nothing can be encrypted.
 * `plain-text` where Linux has no keyring: there safeStorage only obscures.
 */
export function openSecretStore(folder: string, platform: NodeJS.Platform, log: Log): SecretStore | null {
  if (!safeStorage.isEncryptionAvailable()) return null;
  const store = new Store<Record<string, string>>({
    cwd: folder,
    name: 'secrets',
    clearInvalidConfig: true,
    // Host names have dots.
    accessPropertiesByDotNotation: false,
    configFileMode: 0o600,
  });
  silenceStoreListener();
  const plain = platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text';
  return {
    kind: plain ? 'plain-text' : 'encrypted',
    read(memo) {
      const stored: unknown = store.get(memo);
      if (typeof stored !== 'string') return null;
      try {
        return safeStorage.decryptString(Buffer.from(stored, 'base64'));
      } catch {
        // Another keyring than the one that it was written with: of no use any more.
        log('warn', 'a remembered answer cannot be decrypted; it will be asked for again');
        store.delete(memo);
        return null;
      }
    },
    write: (memo, secret) => store.set(memo, safeStorage.encryptString(secret).toString('base64')),
    remove: (memo) => store.delete(memo),
  };
}
