/** What a client of the gateway is given to copy. Pure. */

import type { GatewayAccess } from '../gateway.ts';

/** What a text for a client says: where the gateway is, with which key, and which model is asked. */
export interface ClientAccess extends GatewayAccess {
  readonly model: string;
}

/** Where a copied text goes. */
export type Destination =
  | { readonly kind: 'shell' }
  | { readonly kind: 'program' }
  /** The client's own file, as its documentation writes the path. */
  | { readonly kind: 'file'; readonly path: string };

/** A text for one client. */
export interface ClientText {
  readonly goes: Destination;
  readonly write: (access: ClientAccess) => string;
}

/** Without the `/v1` that clients of Anthropic's API add on their own. */
export function rootOf({ url }: Pick<GatewayAccess, 'url'>): string {
  return url.replace(/\/v1$/, '');
}

/** A string as JSON, TOML, YAML, Python and JavaScript read it alike. */
export function quoted(text: string): string {
  // JSON leaves these as they are; TOML refuses some of them, YAML and JavaScript take others for the end of a line.
  const risky = /[\u007f-\u009f\u2028\u2029\ufeff]/g;
  return JSON.stringify(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    risky,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The lines of a text, the last one ended too. */
export function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
