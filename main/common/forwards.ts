/** Forwards of this app, and what its rules for them did. */

import type { Failure } from './failure.ts';
import type { ForwardTarget } from './forward-target.ts';
import type { ForwardId, HostId, ServerId } from './ids.ts';

/** Letters of the label of a forward. */
export const mostLabelLength = 60;

export interface Forward extends ForwardTarget {
  readonly id: ForwardId;
  readonly hostId: HostId;
  /** The address on the host at which it answered last, or that of the machine beyond it; of a socket its path. */
  readonly remoteAddress: string;
  /** Null while another program has the port that it should have again. */
  readonly localPort: number | null;
  /** Whether a person opened it, or the auto-forward rules did: those close only what they opened. */
  readonly origin: 'user' | 'auto';
  /** Its local port is kept for it alone, also while it is closed. */
  readonly pinned: boolean;
  /** The name that a person gave its target; null: none. */
  readonly label: string | null;
  readonly state: ForwardState;
  readonly health: ForwardHealth;
  readonly since: number;
  readonly traffic: Traffic;
  /** Why the latest connection through it failed; null when the latest one worked. */
  readonly lastError: Failure | null;
}

export interface Traffic {
  readonly openConnections: number;
  readonly totalConnections: number;
  /** Bytes from the host to this computer. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export type ForwardState =
  | { readonly kind: 'opening' }
  | { readonly kind: 'listening' }
  /** The host is away; the local port is kept and the connection is retried automatically. */
  | { readonly kind: 'retrying'; readonly failure: Failure }
  /** There is no automatic retry any more: a person must log in, accept a key, or retry. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** What the latest HTTP request through the forward showed: a listener always accepts, and says nothing of the model. */
export type ForwardHealth =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'answering' }
  /** The tunnel is up, but behind it nothing answers. */
  | { readonly kind: 'model-down'; readonly failure: Failure };

/** Why auto-forward did, or did not, forward a model's port. */
export type AutoForwardStatus =
  /** A forward of this app that the rules opened. */
  | 'forwarded'
  /** A person opened it, or it was there before. */
  | 'already-forwarded'
  /** Another program forwards the same target: a tmux session, a plain ssh, another copy of this app. */
  | 'duplicate-session'
  /** Its model is gone and the forward was closed after the grace time. */
  | 'closed-model-gone'
  /** Its model is gone and the forward stays, because the rules say so. */
  | 'kept'
  /** Its model is gone; it is closed when the grace time is over. */
  | 'waiting-to-close'
  | 'no-free-port'
  /** The allow and deny lists leave it out, or a person has closed what the rules had opened. */
  | 'not-allowed'
  | 'failed';

export interface AutoForwardEntry {
  readonly serverId: ServerId;
  readonly hostId: HostId;
  readonly remotePort: number;
  readonly model: string | null;
  readonly localPort: number | null;
  readonly status: AutoForwardStatus;
  /** Only with `failed` and `no-free-port`. */
  readonly failure: Failure | null;
}

/** What a pasted `ssh -L` line asks for. */
export interface PastedForwards {
  readonly hostId: HostId;
  readonly forwards: readonly (ForwardTarget & { readonly localPort: number })[];
  /** Why others on the line are left out, one sentence each. */
  readonly ignored: readonly string[];
}
