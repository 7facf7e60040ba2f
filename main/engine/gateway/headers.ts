/** The headers that go on from the client to a model server and back, as lists of names and values in turn (`rawHeaders`). Pure. */

import type { IncomingMessage } from 'node:http';
import { isApiKey } from '../models/http.ts';
import { keyHeaders } from './access.ts';

/** Of one connection alone (RFC 9110, 7.6.1). */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
];

/** Says which host has answered. */
export const hostHeader = 'x-vllm-tray-host';

export interface RequestTraits {
  /** Of the model server, for the Host header. */
  readonly authority: string;
  readonly apiKey: string | null;
  /** By how many bytes the body is longer than the client's. */
  readonly grownBy: number;
}

/**
 * The request's headers for the model server: the same in the same order, without those of the connection, without any key of the
 * client, and without cookies, which a browser sends to every port of a name.
 */
export function requestHeaders(
  request: Pick<IncomingMessage, 'rawHeaders' | 'headers'>,
  { authority, apiKey, grownBy }: RequestTraits,
): string[] {
  const dropped = new Set([...hopByHop, ...named(request), ...keyHeaders, 'host', 'cookie', 'expect']);
  const isChunked = request.headers['transfer-encoding'] !== undefined;
  if (isChunked) dropped.add('content-length');
  const kept = pairs(request.rawHeaders)
    .filter(([name]) => !dropped.has(name.toLowerCase()))
    .map(([name, value]) =>
      name.toLowerCase() === 'content-length' ? [name, String(Number(value) + grownBy)] : [name, value],
    );
  return [
    'Host',
    authority,
    ...kept.flat(),
    ...(isChunked ? ['Transfer-Encoding', 'chunked'] : []),
    ...(apiKey !== null && isApiKey(apiKey) ? ['Authorization', `Bearer ${apiKey}`] : []),
  ];
}

/** The answer's headers for the client, with the host that has answered. */
export function answerHeaders(
  answer: Pick<IncomingMessage, 'rawHeaders' | 'headers'>,
  host: string,
): string[] {
  const dropped = new Set([...hopByHop, ...named(answer), 'set-cookie', hostHeader]);
  const kept = pairs(answer.rawHeaders).filter(([name]) => !dropped.has(name.toLowerCase()));
  return [...kept.flat(), hostHeader, headerText(host)];
}

/** Whether the first line of an answer can be passed on: Node reads statuses and reasons that it refuses to write. */
export function canPassOn({ statusCode = 0, statusMessage = '' }: IncomingMessage): boolean {
  return statusCode >= 100 && !/[^\t\x20-\x7e\x80-\xff]/.test(statusMessage);
}

/** An alias may have letters that a header cannot carry. */
export function headerText(text: string): string {
  return /^[\x21-\x7e]+$/.test(text) ? text : encodeURIComponent(text);
}

/**
 * The headers that Connection names. The length of the body is none of the connection's (RFC 9110, 7.6.1): without it a body would be
 * read as a request of its own.
 */
function named({ headers }: Pick<IncomingMessage, 'headers'>): readonly string[] {
  const names = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  return names.filter((name) => name !== 'content-length');
}

function pairs(raw: readonly string[]): readonly (readonly [string, string])[] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ''] as const] : []));
}
