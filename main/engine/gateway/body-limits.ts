/** How much of a body is read and held, and how a request is refused whose body goes beyond that. */

import type { ApiError } from './errors.ts';

export interface BodyLimits {
  /** The whole body may have so many bytes. */
  readonly mostBytes: number;
  /** So many are read in search of the model. */
  readonly mostSearched: number;
  /** Bodies up to so many bytes are held until there is an answer, to be sent to another replica. */
  readonly mostRepeated: number;
  /** A client that sends nothing for so long is given up. */
  readonly silenceMs: number;
}

export const usualLimits: BodyLimits = {
  mostBytes: 1024 * 1024 * 1024,
  mostSearched: 64 * 1024 * 1024,
  mostRepeated: 1024 * 1024,
  silenceMs: 60_000,
};

/** A body of more than `most` bytes. */
export const tooLarge = (most: number): ApiError => ({
  status: 413,
  code: 'request_too_large',
  message: `The body is larger than ${Math.round(most / 1024 / 1024)} MiB.`,
});
/** Nothing names a model in the first `most` bytes. */
export const modelTooLate = (most: number): ApiError => ({
  status: 413,
  code: 'request_too_large',
  message: `No model is named in the first ${Math.round(most / 1024 / 1024)} MiB of the body; put it first.`,
});
/** The bodies of other requests take all the room. */
export const noRoom: ApiError = {
  status: 503,
  code: 'too_many_large_requests',
  message: 'Too many large requests come at once; put the model first in their bodies, or try again.',
  retryAfter: 1,
};
export const silent: ApiError = {
  status: 408,
  code: 'request_timeout',
  message: 'The rest of the request did not come.',
};
