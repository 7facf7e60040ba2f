/** Forwards of this app, those of other programs on this computer, and the model servers that answer here. */

import type { EngineKind, Failure, HostId, ServerId, ServerState } from './model.ts';

/** Equal to the {@link ServerId} of its target. */
export type ForwardId = string;

export interface Forward {
  readonly id: ForwardId;
  readonly hostId: HostId;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Null while another program has the port that it should have again. */
  readonly localPort: number | null;
  /** Whether a person opened it, or the auto-forward rules did: those close only what they opened. */
  readonly origin: 'user' | 'auto';
  /** Its local port is kept for it alone, also while it is closed. */
  readonly pinned: boolean;
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
  /** The host is away; the local port is kept and the connection comes back by itself. */
  | { readonly kind: 'retrying'; readonly failure: Failure }
  /** Nothing is tried by itself any more: a person must log in, accept a key, or retry. */
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

/** A forward that another program holds on this computer. */
export interface ForeignForward {
  /** `tmux <session>` or `ssh <pid> <local port>`. */
  readonly id: string;
  readonly owner: ForeignOwner;
  /** The alias where the destination is one of the configuration, else the destination as it was written. */
  readonly destination: string;
  readonly hostId: HostId | null;
  readonly localAddress: string;
  readonly localPort: number;
  /** As seen from the host. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly models: readonly string[];
  readonly state: ForeignState;
}

export type ForeignOwner =
  | { readonly kind: 'tmux'; readonly session: string }
  | {
      readonly kind: 'ssh';
      readonly pid: number;
      readonly command: string;
      readonly startedAt: number | null;
    };

export type ForeignState =
  | { readonly kind: 'unknown' }
  /** A model server answers through it. */
  | { readonly kind: 'answering' }
  /** Something listens, but no model server answers: why, in words of errors.ts. */
  | { readonly kind: 'no-model'; readonly failure: Failure }
  /** Nothing listens on its local port: a session that has outlived its ssh. */
  | { readonly kind: 'dead'; readonly failure: Failure };

/** What other programs forward on this computer. */
export interface Elsewhere {
  /** Whether tmux could be asked; a missing one or one without sessions is no error. */
  readonly tmux: 'unknown' | 'available' | 'no-server' | 'missing';
  /** Whether this computer's processes could be listed, and with them every plain ssh that forwards. */
  readonly processes: 'unknown' | 'available' | 'unsupported';
  readonly forwards: readonly ForeignForward[];
  /** Null before the first look. */
  readonly lookedAt: number | null;
}

/** A tmux session that was ended because its forward was dead. */
export interface CleanedSession {
  /** Of its {@link ForeignForward}. */
  readonly id: string;
  readonly session: string;
  /** One sentence: why it was dead. */
  readonly reason: string;
}

/** A model server that answers on a port of this computer. */
export interface LocalServer {
  readonly port: number;
  readonly address: string;
  readonly engine: EngineKind | null;
  readonly version: string | null;
  readonly models: readonly string[];
  readonly state: ServerState;
  readonly owner: LocalOwner;
}

export type LocalOwner =
  /** A program of this computer serves the model itself. */
  | { readonly kind: 'process'; readonly pid: number | null; readonly command: string | null }
  | { readonly kind: 'forward'; readonly forwardId: ForwardId }
  | { readonly kind: 'foreign'; readonly foreignId: string };

/** One test prompt to a model, sent on demand; its answer as far as it has come. */
export interface TestPrompt {
  readonly id: string;
  readonly serverId: ServerId;
  readonly model: string;
  /** As the person wrote it. */
  readonly prompt: string;
  readonly state:
    | { readonly kind: 'running' }
    | { readonly kind: 'done' }
    /** Given up by the person. */
    | { readonly kind: 'stopped' }
    | { readonly kind: 'failed'; readonly failure: Failure };
  /** Bounded, without control characters other than line feeds. */
  readonly text: string;
  readonly firstTokenMs: number | null;
  /** After the first token; null before there are two. */
  readonly tokensPerSecond: number | null;
  readonly tokens: number;
}
