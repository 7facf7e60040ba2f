import { createHash } from 'node:crypto';
import type { Problem } from '#common/failure.ts';
import type { UnknownHostKey } from '#common/prompts.ts';
import { plainText } from '#common/text.ts';

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
  /** Notes that keys could not be added to a known_hosts file: a problem, once for each file. */
  notWritten(file: string, why: string): void;
}

export interface TrustDeps {
  readonly onMet?: (hostKey: UnknownHostKey) => void;
  readonly onProblem?: (problem: Problem) => void;
}

export function createTrust({ onMet, onProblem }: TrustDeps = {}): Trust {
  const unwritten = new Set<string>();
  const met = new Map<string, MetKey>();
  const accepted = new Map<string, Buffer>();
  return {
    accepts: (name, key) => accepted.get(idOf(name, key))?.equals(key) ?? false,
    meet(one) {
      const id = idOf(one.name, one.key);
      if (!met.has(id)) {
        met.set(id, one);
        const { name, type, fingerprint, file } = one;
        onMet?.({ id, name, type, fingerprint, file });
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
    notWritten(file, why) {
      if (unwritten.has(file)) return;
      unwritten.add(file);
      onProblem?.({ code: 'known-hosts-unwritten', detail: plainText(`${file}: ${why}`, 300) });
    },
  };
}

function idOf(name: string, key: Buffer): string {
  return createHash('sha256').update(`${name}\n`).update(key).digest('base64url');
}
