import ssh2, { type ParsedKey } from 'ssh2';

export interface Key {
  /** In OpenSSH's format. */
  readonly private: string;
  /** `ssh-ed25519 AAAA...` */
  readonly public: string;
  /** The public key. */
  readonly parsed: ParsedKey;
}

/** A new ed25519 key pair. */
export function newKey(): Key {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    const parsed = ssh2.utils.parseKey(pair.public);
    // ssh2 1.17 drops a leading zero byte of the key: one pair of 256 is malformed.
    if (!(parsed instanceof Error)) return { private: pair.private, public: pair.public, parsed };
  }
}
