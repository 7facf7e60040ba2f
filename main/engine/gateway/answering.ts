import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '#common/failure.ts';
import type { Activity } from './activity.ts';
import type { Catalogue } from './catalogue.ts';
import type { ApiError } from './errors.ts';
import { type ListenerDeps, pathOf, sendError } from './listener.ts';
import { modelList, oneModel } from './model-list.ts';
import { nameInHost } from './named-forward.ts';
import { type Note, unnoted } from './note.ts';
import { createRelay, type RelayDeps } from './relay.ts';
import type { RequestLog } from './request-log.ts';
import { createUpgradeRelay } from './upgrade.ts';

export interface AnsweringDeps extends Omit<RelayDeps, 'onTokens'> {
  readonly requestLog: RequestLog;
  readonly activity: Activity;
  readonly onError: (detail: string) => void;
}

/** Answers the requests that the listener lets in: about models itself, all others by a model server. Each one is noted. */
export function createAnswering(
  deps: AnsweringDeps,
): Pick<ListenerDeps, 'onRequest' | 'onUpgrade' | 'onRefused'> {
  const { requestLog, activity, catalogue } = deps;
  const sinceMs = Date.now();
  const relay = createRelay({ ...deps, onTokens: activity.tokens });
  const upgrade = createUpgradeRelay(deps);

  /** Notes a request when it has ended, whatever came of it. */
  const noted = async (
    request: IncomingMessage,
    work: Promise<Note>,
    end: { status(): number | null; onBug(): void },
  ): Promise<void> => {
    const at = Date.now();
    const startedAt = performance.now();
    const done = activity.begin();
    let note = unnoted;
    try {
      note = await work;
    } catch (error) {
      deps.onError(messageOf(error));
      end.onBug();
    }
    const totalMs = Math.round(performance.now() - startedAt);
    requestLog.add({
      at,
      method: request.method ?? '',
      path: pathOf(request),
      ...note,
      status: end.status(),
      totalMs,
    });
    done();
  };

  return {
    onRequest(request, response, expects) {
      const list = nameInHost(request.headers) === null ? ownAnswer(request, catalogue(), sinceMs) : null;
      const work = list === null ? passOn(request, response, expects) : sendOwn(request, response, list);
      void noted(request, work, {
        status: () => (response.headersSent ? response.statusCode : null),
        onBug: () => response.destroy(),
      });
    },
    onUpgrade(request, socket, head) {
      void noted(request, upgrade(request, socket, head), {
        status: () => null,
        onBug: () => socket.destroy(),
      });
    },
    onRefused(request, { status }) {
      const at = Date.now();
      requestLog.add({
        at,
        method: request.method ?? '',
        path: pathOf(request),
        ...unnoted,
        status,
        totalMs: 0,
      });
    },
  };

  function passOn(request: IncomingMessage, response: ServerResponse, expects: boolean): Promise<Note> {
    // The model is in the body.
    if (expects) response.writeContinue();
    return relay(request, response);
  }
}

/** What is asked of the models themselves; null for all else. */
function ownAnswer(
  request: IncomingMessage,
  catalogue: Catalogue,
  sinceMs: number,
): object | ApiError | null {
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD') return null;
  const path = pathOf(request);
  if (path === '/v1/models') return modelList(catalogue, sinceMs);
  const name = /^\/v1\/models\/(.+)$/.exec(path)?.[1];
  if (name === undefined) return null;
  return (
    oneModel(catalogue, decoded(name), sinceMs) ?? {
      status: 404,
      code: 'model_not_found',
      param: 'model',
      message: 'No server has this model now; GET /v1/models lists what there is.',
    }
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // No text that was encoded.
    return part;
  }
}

async function sendOwn(
  request: IncomingMessage,
  response: ServerResponse,
  answer: object | ApiError,
): Promise<Note> {
  if ('status' in answer) sendError(request, response, answer);
  else {
    const body = `${JSON.stringify(answer)}\n`;
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }
  return unnoted;
}
