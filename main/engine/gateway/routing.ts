/** Where a request goes: the replicas of the model that it names, or why none can take it. */

import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Settings } from '#common/settings.ts';
import type { ScanState } from '#common/snapshot.ts';
import { type Catalogue, findModel, type Named, nearestNames, type Replica, whyNot } from './catalogue.ts';
import type { ApiError } from './errors.ts';

export interface Route {
  /** As the model servers call it. */
  readonly model: string;
  /** Those that can take it; at least one. */
  readonly replicas: readonly Replica[];
}

const mostShown = 120;

/** Resolves a name to its replicas. Errors: 404 with the nearest names, 503 with the reason of each server. */
export function routeTo(
  name: string,
  { catalogue, scan }: { readonly catalogue: Catalogue; readonly scan: ScanState },
): Route | ApiError {
  const named = findModel(catalogue, name);
  if (named === null) return unknownModel(name, catalogue, scan);
  const alive = named.replicas.filter((replica) => whyNot(replica) === null);
  // A host whose answers are late may only be measured from a busy computer: where there is no other, a request finds out.
  const lost = named.replicas.filter(({ state }) => state.kind === 'lost');
  const replicas = alive.length > 0 ? alive : lost;
  return replicas.length > 0 ? { model: named.model, replicas } : noneAlive(named);
}

function unknownModel(name: string, catalogue: Catalogue, scan: ScanState): ApiError {
  const shown = name.length > mostShown ? `${name.slice(0, mostShown)}…` : name;
  // Before the first scan has ended nothing is known not to be there.
  const isFirst = scan.kind === 'never' || (scan.kind === 'running' && catalogue.size === 0);
  if (isFirst)
    return {
      status: 503,
      code: 'not_scanned_yet',
      message: 'The hosts are still being scanned for models; try again in a moment.',
      retryAfter: 2,
    };
  const nearest = nearestNames(name, catalogue);
  const hint =
    nearest.length > 0 ? ` The nearest: ${nearest.join(', ')}.` : ' GET /v1/models lists what there is.';
  return {
    status: 404,
    code: 'model_not_found',
    param: 'model',
    message: `No server has a model ${JSON.stringify(shown)}.${hint}`,
    details: { nearest },
  };
}

function noneAlive({ model, replicas }: Named): ApiError {
  return unanswered(
    model,
    replicas.map((replica) => ({ replica, why: whyNot(replica) ?? '' })),
  );
}

/** 503: no server of the model can answer, with the reason of each. */
export function unanswered(
  model: string,
  reasons: readonly { readonly replica: Replica; readonly why: string }[],
): ApiError {
  const hosts = reasons.map(({ replica: { host, port }, why }) => ({ host, port, reason: why }));
  const each = hosts.map(({ host, port, reason }) => `${host}:${port} ${reason}`);
  return {
    status: 503,
    code: 'model_unavailable',
    message: `No server of ${model} can answer now. ${each.join('; ')}.`,
    retryAfter: 5,
    details: { hosts },
  };
}

/** How much of a body tells one conversation from another. */
export const prefixBytes = 1024;

/** What requests have in common that should meet the same replica; null where they need not. */
export async function stickOf(
  request: Pick<IncomingMessage, 'headers'>,
  stickiness: Settings['gateway']['stickiness'],
  beginning: (bytes: number) => Promise<Buffer>,
): Promise<string | null> {
  switch (stickiness) {
    case 'off':
      return null;
    case 'session': {
      const id = request.headers['x-session-id'];
      return typeof id === 'string' && id !== '' ? id : null;
    }
    case 'prefix': {
      const bytes = await beginning(prefixBytes);
      return bytes.length === 0 ? null : createHash('sha256').update(bytes).digest('hex');
    }
  }
}
