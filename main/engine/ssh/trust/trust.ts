import { createHash } from 'node:crypto';
import type { UnknownHostKey } from '#common/model.ts';

/** An unknown key as a host showed it. */
export interface MetKey extends Omit<UnknownHostKey, 'id'> {
  /** In SSH wire format. */
  readonly key: Buffer;
}

/** Which unknown host keys the user has accepted in this run. They reach known_hosts when a host has proved to own them. */
export interface Trust {
  accepts(name: string, key: Buffer): boolean;
  /** Notes a key that was refused so that it can be accepted; returns its id. */
  meet(met: MetKey): string;
  /** Accepts keys that were met; unknown ids do nothing. */
  accept(keyIds: readonly string[]): void;
}

export function createTrust(onMet: (hostKey: UnknownHostKey) => void): Trust {
  const met = new Map<string, MetKey>();
  const accepted = new Map<string, Buffer>();
  return {
    accepts: (name, key) => accepted.get(idOf(name, key))?.equals(key) ?? false,
    meet(one) {
      const id = idOf(one.name, one.key);
      if (!met.has(id)) {
        met.set(id, one);
        const { name, type, fingerprint, file } = one;
        onMet({ id, name, type, fingerprint, file });
      }
      return id;
    },
    accept(keyIds) {
      for (const id of keyIds) {
        const one = met.get(id);
        if (one !== undefined) accepted.set(id, one.key);
        met.delete(id);
      }
    },
  };
}

function idOf(name: string, key: Buffer): string {
  return createHash('sha256').update(`${name}\n`).update(key).digest('base64url');
}
