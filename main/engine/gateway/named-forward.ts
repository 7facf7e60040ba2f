/** Forwards by name: under `NAME.localhost` the gateway's port leads to the forward of that name. Pure. */

import type { IncomingHttpHeaders } from 'node:http';
import { describeFailure } from '#common/failure.ts';
import { localName } from '#common/forward-name.ts';
import type { Forward } from '#common/forwards.ts';
import type { Replica } from './catalogue.ts';
import type { ApiError } from './errors.ts';

/** What stands before `.localhost` in the Host header, in small letters; null: it names the gateway itself. */
export function nameInHost({ host = '' }: Pick<IncomingHttpHeaders, 'host'>): string | null {
  return /^([a-z\d-]{1,63})\.localhost(?::\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase() ?? null;
}

/** The way through the forward of that name. Errors: 404 with the names there are, 409 where two have it, 503 while it is not open. */
export function forwardNamed(name: string, forwards: readonly Forward[]): Replica | ApiError {
  const [forward, other] = forwards.filter((one) => localName(one) === name);
  if (forward === undefined) return unknown(name, forwards);
  if (other !== undefined)
    return {
      status: 409,
      code: 'forward_ambiguous',
      message: `Two forwards are called ${name}: give one of them another label.`,
    };
  const { state, localPort, hostId, remotePort, remoteHost, remoteAddress } = forward;
  if (state.kind !== 'listening' || localPort === null) return notOpen(name, forward);
  const isOfHost = remoteHost === null && remotePort !== null;
  return {
    id: forward.id,
    hostId,
    host: hostId,
    address: isOfHost ? remoteAddress : (remoteHost ?? 'localhost'),
    port: remotePort ?? 80,
    forwardedTo: localPort,
    state: { kind: 'up' },
    engine: null,
    loads: [],
  };
}

function unknown(name: string, forwards: readonly Forward[]): ApiError {
  const names = [...new Set(forwards.map(localName))].sort();
  const hint =
    names.length === 0
      ? ' There is no forward; open one, or ask localhost for a model.'
      : ` There are: ${names.slice(0, mostListed).join(', ')}${names.length > mostListed ? ', …' : ''}.`;
  return {
    status: 404,
    code: 'forward_not_found',
    message: `No forward is called ${name}.${hint}`,
    details: { names: names.slice(0, mostListed) },
  };
}

const mostListed = 20;

function notOpen(name: string, { state }: Forward): ApiError {
  const why =
    state.kind === 'retrying' || state.kind === 'failed' ? `: ${describeFailure(state.failure)}` : '.';
  return {
    status: 503,
    code: 'forward_not_open',
    message: `The forward ${name} is not open now${why}`,
    retryAfter: 5,
  };
}
