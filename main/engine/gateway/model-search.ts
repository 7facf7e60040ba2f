/** How the model that a body names is searched for while the body comes. */

export type SearchState =
  | { readonly kind: 'searching' }
  | { readonly kind: 'found'; readonly name: string }
  /** The body names no model. */
  | { readonly kind: 'none' }
  /** It is not what it says to be; one sentence. */
  | { readonly kind: 'invalid'; readonly why: string };

export interface ModelSearch {
  state(): SearchState;
  /** Reads on; resolves when the state is that of all that was fed. Nothing is fed once it is no longer searching. */
  feed(chunk: Buffer): Promise<void>;
  /** The body has ended; resolves when it is known whether it named a model. */
  end(): Promise<void>;
  /** Where the name that was found stands in all that was fed, in bytes; null where that is not clear. */
  span(raw: Buffer): { readonly start: number; readonly end: number } | null;
  /** Another name as it would stand there. */
  encode(model: string): string;
}
