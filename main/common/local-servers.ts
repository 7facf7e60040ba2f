/** Local servers: the model servers that answer on ports of this computer. */

import type { ForwardId, HostId } from './ids.ts';
import type { EngineKind, ModelLoad, ServerState } from './servers.ts';

/** A model server that answers on a port of this computer. */
export interface LocalServer {
  readonly port: number;
  readonly address: string;
  readonly engine: EngineKind | null;
  readonly version: string | null;
  readonly models: readonly string[];
  readonly state: ServerState;
  /**
   * How busy it is, as of a {@link ModelServer}. Empty for one whose load is measured on its host: behind a forward of this
   * app, or of another program to a server that this app sees over SSH.
   */
  readonly loads: readonly ModelLoad[];
  readonly owner: LocalOwner;
}

export type LocalOwner =
  /** A program of this computer serves the model itself. */
  | {
      readonly kind: 'process';
      readonly pid: number | null;
      readonly command: string | null;
      /** The tmux session of this computer in which it was started; absent: in none that is known. */
      readonly session?: string;
    }
  | { readonly kind: 'forward'; readonly forwardId: ForwardId }
  /** Another copy of the app that runs on this computer forwards it. */
  | {
      readonly kind: 'copy';
      readonly pid: number;
      readonly hostId: HostId;
      readonly remotePort: number;
    }
  | { readonly kind: 'other-forward'; readonly otherForwardId: string };
