/** Other forwards: those that other programs hold on this computer. */

import type { Failure } from './failure.ts';
import type { HostId } from './ids.ts';
import { shellWord } from './text.ts';

/** A forward that another program holds on this computer. */
export interface OtherForward {
  /** `tmux <session>` or `ssh <pid> <local port>`. */
  readonly id: string;
  readonly owner: OtherForwardOwner;
  /** The alias where the destination is one of the configuration, else the destination as it was written. */
  readonly destination: string;
  readonly hostId: HostId | null;
  /** Where it listens: `localhost`, `*` for every interface, else the address or name that ssh was given. */
  readonly localAddress: string;
  readonly localPort: number;
  /** As seen from the host. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly models: readonly string[];
  readonly state: OtherForwardState;
}

export type OtherForwardOwner =
  | { readonly kind: 'tmux'; readonly session: string }
  | {
      readonly kind: 'ssh';
      readonly pid: number;
      readonly command: string;
      readonly startedAt: number | null;
    };

export type OtherForwardState =
  | { readonly kind: 'unknown' }
  /** A model server answers through it. */
  | { readonly kind: 'answering' }
  /** Something listens, but no model server answers: why. */
  | { readonly kind: 'no-model'; readonly failure: Failure }
  /** Nothing listens on its local port: a session that has outlived its ssh. */
  | { readonly kind: 'dead'; readonly failure: Failure };

/** All of them, and what of them can be seen on this computer. */
export interface OtherForwards {
  /** Whether tmux could be asked; a missing one or one without sessions is no error. */
  readonly tmux: 'unknown' | 'available' | 'no-server' | 'missing';
  /** Whether this computer's processes could be listed, and with them every plain ssh that forwards. */
  readonly processes: 'unknown' | 'available' | 'unsupported';
  readonly forwards: readonly OtherForward[];
  /** Null before the first look. */
  readonly lookedAt: number | null;
}

/** A tmux session that was ended because its forward was dead. */
export interface CleanedSession {
  /** Of its {@link OtherForward}. */
  readonly id: string;
  readonly session: string;
  /** One sentence: why it was dead. */
  readonly reason: string;
}

/** A forward to open in a tmux session. */
export interface TmuxForwardRequest {
  readonly hostId: HostId;
  readonly remotePort: number;
  /** Exactly this local port; without it the next free one of the range. */
  readonly localPort?: number | undefined;
}

/** The command line that shows a forward's tmux session in a terminal; null for what is in none. */
export function attachCommand({ owner }: OtherForward): string | null {
  return owner.kind === 'tmux' ? `tmux attach -t ${shellWord(`=${owner.session}`)}` : null;
}

/**
 * Whether other computers may connect to a forward that listens there, as far as ssh's words for it tell: `*`, an address
 * that is not of the loopback interface, or the name of one.
 */
export function isOpenToNetwork({ localAddress }: Pick<OtherForward, 'localAddress'>): boolean {
  return !isLoopback(localAddress);
}

/** Whether an address, or a name that ssh was given for one, is of the loopback interface. */
export function isLoopback(name: string): boolean {
  const address = name.toLowerCase().replace(/%.*$/, '');
  return /^(?:(?:.+\.)?localhost[46]?|localhost[46]?\.localdomain[46]?|ip6-(?:localhost|loopback)|127(?:\.\d{1,3}){0,3}|::1|::ffff:127(?:\.\d{1,3}){3})$/.test(
    address,
  );
}
