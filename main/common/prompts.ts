/** What a login asks the person at this computer: questions, and host keys to accept. */

import type { Endpoint } from './hosts.ts';
import type { HostId } from './ids.ts';

/**
 * A question that a login asks the person at this computer. Only a login that was asked for does (`host.login`). All text
 * from the server is bounded and without control characters. The answer goes back by `prompt.answer` and is kept nowhere,
 * unless the person wants it remembered.
 */
export interface Prompt {
  readonly id: string;
  /** The host that is logged in to, and who asks: it, or a jump host on the way there. */
  readonly hostId: HostId;
  readonly asker: Asker;
  readonly kind: PromptKind;
  /** What the server says above its questions; of a passphrase the key file's path. May be empty. */
  readonly text: string;
  readonly fields: readonly PromptField[];
  /** The previous answer to the same question was wrong. */
  readonly again: boolean;
  /** Whether an answer can be remembered, encrypted; codes that work once never are. */
  readonly remember: boolean;
}

/** A key's passphrase, the account's password, or whatever the server asks (keyboard-interactive, RFC 4256). */
export type PromptKind = 'passphrase' | 'password' | 'interactive';

export interface Asker extends Endpoint {
  readonly alias: string;
  readonly isJumpHost: boolean;
}

export interface PromptField {
  readonly label: string;
  /** Whether the answer may be seen while it is typed. */
  readonly echo: boolean;
}

/** A key that a host or jump host showed and known_hosts does not have. The hosts that wait for it name it in their failure. */
export interface UnknownHostKey {
  readonly id: string;
  /** As known_hosts writes it: `gpu1`, `[gpu1]:2222`, or the HostKeyAlias. */
  readonly name: string;
  /** `ssh-ed25519`. */
  readonly type: string;
  /** `SHA256:...`, as ssh-keygen prints it. */
  readonly fingerprint: string;
  /** Where it is written when it is accepted. */
  readonly file: string;
}
