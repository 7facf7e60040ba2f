import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerId } from '#common/ids.ts';
import { authorityOf } from '#common/text.ts';
import { type Answered, createAttempts, type Failed } from './attempts.ts';
import { createBody } from './body.ts';
import type { BodyLimits } from './body-limits.ts';
import type { Replica } from './catalogue.ts';
import { type ApiError, styleOf } from './errors.ts';
import { requestHeaders } from './headers.ts';
import type { Budget } from './held-bytes.ts';
import { pathOf, sendError } from './listener.ts';
import { type Note, unnoted } from './note.ts';
import { passAnswer } from './pass-answer.ts';
import { type Plan, type PlanDeps, planOf } from './plan.ts';
import { unanswered } from './routing.ts';
import type { Upstreams } from './upstreams.ts';

export interface RelayDeps extends PlanDeps {
  readonly apiKeyFor: (serverId: ServerId) => string | null;
  readonly upstreams: Upstreams;
  readonly budget: Budget;
  readonly limits: BodyLimits;
  /** See {@link createAttempts}. */
  readonly answerMs?: number | undefined;
  /** So many tokens have come, of any request. */
  readonly onTokens: (count: number) => void;
}

/** Passes one request on and its answer back; resolves when it is over, with what is to be noted of it. Never rejects. */
export type Relay = (request: IncomingMessage, response: ServerResponse) => Promise<Note>;

export function createRelay(deps: RelayDeps): Relay {
  const attempts = createAttempts(deps);

  const askedOf =
    (request: IncomingMessage, { path, grownBy }: Plan) =>
    (replica: Replica) => ({
      path,
      headers: requestHeaders(request, {
        authority: authorityOf(replica.address, replica.port),
        apiKey: deps.apiKeyFor(replica.id),
        grownBy,
      }),
    });

  return async (request, response) => {
    const startedAt = performance.now();
    const gone = new AbortController();
    let fault: ApiError | null = null;
    const { budget, limits } = deps;
    const body = createBody(request, {
      budget,
      limits,
      onFault(error) {
        fault = error;
        gone.abort();
      },
    });
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    let note = unnoted;
    const refuse = (error: ApiError): Note => {
      body.dispose();
      if (response.destroyed) return { ...note, outcome: 'client-gone' };
      if (response.headersSent) response.destroy();
      else sendError(request, response, error);
      return { ...note, outcome: 'own' };
    };
    const planned = await planOf(request, body, deps);
    if ('status' in planned) {
      note = { ...note, model: planned.name ?? null };
      return refuse(planned);
    }
    note = { ...note, model: planned.name };
    const { method = 'GET' } = request;
    const result = await attempts(planned.order, {
      method,
      body,
      askedOf: askedOf(request, planned),
      signal: gone.signal,
    });
    if (!isAnswered(result)) return refuse(fault ?? unanswered(planned.route.model, result));
    const { replica, retried } = result;
    note = { ...note, host: replica.host, port: replica.port, retried };
    const elsewhere = redirected(result, planned.path);
    if (elsewhere !== null) {
      result.upstream.destroy();
      result.end();
      return refuse(elsewhere);
    }
    const passed = await pass(request, response, { answered: result, startedAt, onTokens: deps.onTokens });
    body.dispose();
    // Answered before all of the body had come: the server still waits for the rest.
    if (!result.upstream.writableEnded) result.upstream.destroy();
    return { ...note, ...passed };
  };
}

/** Passes the answer on, and takes down what it says of itself. */
async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  { answered, startedAt, onTokens }: Pick<RelayDeps, 'onTokens'> & { answered: Answered; startedAt: number },
): Promise<Pick<Note, 'outcome' | 'tokensIn' | 'tokensOut' | 'firstTokenMs'>> {
  let firstTokenMs: number | null = null;
  const { outcome, meter } = await passAnswer({
    response,
    answered,
    style: styleOf(pathOf(request)),
    onFirstToken() {
      firstTokenMs = Math.round(performance.now() - startedAt);
    },
    onEvents: onTokens,
  });
  answered.end();
  const tokens = meter?.tokens() ?? { tokensIn: null, tokensOut: null };
  return { outcome, firstTokenMs, ...tokens };
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Why an answer that redirects is not passed on; null for any other one. Followed, or passed on, it would lead a prompt and a key to
 * an address that a model server chose.
 */
export function redirected(
  { answer, replica: { host, port } }: Pick<Answered, 'answer' | 'replica'>,
  path: string,
): ApiError | null {
  if (!redirects.has(answer.statusCode ?? 0)) return null;
  const message = `The model server at ${host}:${port} sends ${pathOf({ url: path })} to another address, which is not followed; ask for the path that it means.`;
  return { status: 502, code: 'upstream_redirect', message };
}

function isAnswered(result: Answered | readonly Failed[]): result is Answered {
  return 'answer' in result;
}
