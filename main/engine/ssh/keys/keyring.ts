import type { ParsedKey } from 'ssh2';
import type { LockedKey } from './key-file.ts';

/** Key files that were unlocked in this run: no passphrase is typed twice. Only memory holds them. */
export interface Keyring {
  get(file: LockedKey): ParsedKey | null;
  add(file: LockedKey, key: ParsedKey): void;
}

export function createKeyring(): Keyring {
  // By the encrypted text: a file that was replaced is another key.
  const unlocked = new Map<string, ParsedKey>();
  return {
    get: ({ text }) => unlocked.get(text) ?? null,
    add: ({ text }, key) => void unlocked.set(text, key),
  };
}
