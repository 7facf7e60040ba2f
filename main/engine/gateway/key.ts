import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, messageOf } from '#common/failure.ts';
import { plainText } from '#common/text.ts';
import { replaceFileSync } from '../files/replace.ts';
import { readTokenFile } from '../loopback/token-file.ts';
import { newToken } from '../loopback/tokens.ts';

/** The key of the gateway: random, in a file that its owner alone can read, and the same until it is renewed. */
export interface GatewayKey {
  /** Reads it, or makes it where there is none. Errors: `token-file`. */
  get(): string;
  /** Makes another one. Errors: `token-file`. */
  renew(): string;
}

/** `folder` is the engine's data folder; null: the key lasts as long as the engine. */
export function createGatewayKey(folder: string | null): GatewayKey {
  const path = folder === null ? null : join(folder, 'gateway-key');
  let known: string | null = null;
  return {
    get() {
      if (folder !== null && path !== null) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        // Another copy of the app may have renewed it.
        known = readTokenFile(path);
      }
      known ??= newToken();
      return known;
    },
    renew() {
      const key = newToken();
      try {
        if (path !== null) replaceFileSync(path, `${key}\n`);
      } catch (cause) {
        throw new AppError('token-file', { detail: plainText(messageOf(cause)), cause });
      }
      known = key;
      return key;
    },
  };
}
