/** Who may use the gateway: a program on this computer that has its key, and no page of a browser. */

import type { IncomingHttpHeaders } from 'node:http';
import { refuseAddress } from '../loopback/address.ts';
import { sameSecret } from '../loopback/tokens.ts';
import type { ApiError } from './errors.ts';

/** Headers in which clients send a key: OpenAI's, Anthropic's and Azure's. None of them is ever passed on. */
export const keyHeaders = ['authorization', 'x-api-key', 'api-key'] as const;

const noKey: ApiError = {
  status: 401,
  code: 'invalid_api_key',
  message:
    'This is not the key of the gateway. `vllm-tray gateway` prints it, and the copied texts of the window carry it.',
};

/** Why a request is refused by its headers alone; null where it is let in. */
export function refuse(headers: IncomingHttpHeaders, key: string): ApiError | null {
  const foreign = refuseAddress(headers, { names: true });
  if (foreign !== null) return { status: foreign.status, code: 'forbidden', message: foreign.why };
  return hasKey(headers, key) ? null : noKey;
}

function hasKey(headers: IncomingHttpHeaders, key: string): boolean {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  const given = [bearer, headers['x-api-key'], headers['api-key']];
  // Several clients send both; one that is right is enough.
  return given.some((text) => typeof text === 'string' && sameSecret(key, text));
}
