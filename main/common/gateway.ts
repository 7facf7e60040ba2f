/** The gateway: one local address that answers for every model. Times are milliseconds since the epoch. */

import type { Failure } from './failure.ts';

export interface Gateway {
  readonly state: GatewayState;
  /** Requests that are under way now. */
  readonly running: number;
  /** Requests that have ended since it was switched on; the newest of the request log has this number. */
  readonly ended: number;
  /** Generated tokens over the latest seconds, of all requests together; null while none is under way. */
  readonly tokensPerSecond: number | null;
}

export type GatewayState =
  /** Switched off, and listening nowhere. */
  | { readonly kind: 'off' }
  | { readonly kind: 'starting' }
  /** `url` is the base URL, as `http://127.0.0.1:16000/v1`. */
  | { readonly kind: 'listening'; readonly port: number; readonly url: string }
  /** Switched on, but its port or key could not be had. It is tried again when its settings change. */
  | { readonly kind: 'failed'; readonly failure: Failure };

export const gatewayOff: Gateway = {
  state: { kind: 'off' },
  running: 0,
  ended: 0,
  tokensPerSecond: null,
};

/** How a request that went through the gateway has ended. */
export type GatewayOutcome =
  /** The whole answer of a model server was passed on, whatever its status. */
  | 'answered'
  /** The gateway answered: with a list of models, or with why it did not pass the request on. */
  | 'own'
  /** The client went away first. */
  | 'client-gone'
  /** The model server went away within its answer. */
  | 'cut';

/** One request in the request log: never its body, its key or its query. */
export interface GatewayRequest {
  /** Grows by one with every request that ends. */
  readonly number: number;
  /** When it came. */
  readonly at: number;
  readonly method: string;
  /** Without the query: bounded, without control characters. */
  readonly path: string;
  /** As the client named it, bounded; null where it named none. */
  readonly model: string | null;
  /** The alias of the host that answered, `localhost` for this computer; null where none did. */
  readonly host: string | null;
  /** The port of the model server there. */
  readonly port: number | null;
  /** The status of the answer; null where none was sent. */
  readonly status: number | null;
  /** As the answer counts them; null where it does not. */
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  /** From the request to the first event of a streamed answer; null for other answers. */
  readonly firstTokenMs: number | null;
  readonly totalMs: number;
  readonly outcome: GatewayOutcome;
  /** Whether another replica was tried first. */
  readonly retried: boolean;
}

/** What a client needs to use the gateway. */
export interface GatewayAccess {
  /** The base URL, as `http://127.0.0.1:16000/v1`. */
  readonly url: string;
  readonly key: string;
}

/** The alias under which the models of this computer are addressed: `localhost/MODEL`. */
export const thisComputerName = 'localhost';
