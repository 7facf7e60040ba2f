import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Forward } from '#common/forwards.ts';
import type { ServerId } from '#common/ids.ts';
import type { Settings } from '#common/settings.ts';
import type { ScanState } from '#common/snapshot.ts';
import { authorityOf } from '#common/text.ts';
import { type AskedModel, askedModel } from './asked-model.ts';
import { type Answered, createAttempts, type Failed } from './attempts.ts';
import { type Body, type BodyLimits, type Budget, createBody } from './body.ts';
import type { Catalogue, Replica } from './catalogue.ts';
import { inOrder } from './choice.ts';
import { type ApiError, styleOf } from './errors.ts';
import { requestHeaders } from './headers.ts';
import { pathOf, sendError } from './listener.ts';
import type { LoadBook } from './load-book.ts';
import { forwardNamed, nameInHost } from './named-forward.ts';
import { type Note, unnoted } from './note.ts';
import { passAnswer } from './pass-answer.ts';
import { type Route, routeTo, stickOf, unanswered } from './routing.ts';
import type { Upstreams } from './upstreams.ts';

export interface RelayDeps {
  readonly catalogue: () => Catalogue;
  readonly scan: () => ScanState;
  /** Those that are open under `NAME.localhost`. */
  readonly forwards: () => readonly Forward[];
  readonly stickiness: () => Settings['gateway']['stickiness'];
  readonly apiKeyFor: (serverId: ServerId) => string | null;
  readonly upstreams: Upstreams;
  readonly book: LoadBook;
  readonly budget: Budget;
  readonly limits: BodyLimits;
  /** See {@link createAttempts}. */
  readonly answerMs?: number | undefined;
  /** So many tokens have come, of any request. */
  readonly onTokens: (count: number) => void;
}

/** Passes one request on and its answer back; resolves when it is over, with what is to be noted of it. Never rejects. */
export type Relay = (request: IncomingMessage, response: ServerResponse) => Promise<Note>;

/** Where a request may go, and how it is worded there. */
interface Plan {
  readonly name: string;
  readonly route: Route;
  readonly order: readonly Replica[];
  readonly path: string;
  readonly grownBy: number;
}

export function createRelay(deps: RelayDeps): Relay {
  const attempts = createAttempts(deps);

  const plan = async (
    request: IncomingMessage,
    body: Body,
  ): Promise<Plan | (ApiError & { name?: string })> => {
    const called = nameInHost(request.headers);
    if (called !== null) return planThrough(called, request, deps.forwards());
    const asked = await askedModel(request, body);
    if ('status' in asked) return asked;
    const { name } = asked;
    const route = routeTo(name, { catalogue: deps.catalogue(), scan: deps.scan() });
    if ('status' in route) return { ...route, name };
    const stick = await stickOf(request, deps.stickiness(), body.beginning);
    const order = inOrder(route.replicas.map(deps.book.weigh), stick);
    const worded = word(asked, route, request);
    return 'status' in worded ? { ...worded, name } : { name, route, order, ...worded };
  };

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
    response.once('close', () => gone.abort());
    let note = unnoted;
    const refuse = (error: ApiError): Note => {
      body.dispose();
      if (response.destroyed) return { ...note, outcome: 'client-gone' };
      if (response.headersSent) response.destroy();
      else sendError(request, response, error);
      return { ...note, outcome: 'own' };
    };
    const planned = await plan(request, body);
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
    if (redirects.has(result.answer.statusCode ?? 0)) {
      result.upstream.destroy();
      result.end();
      return refuse(redirected(replica, planned.path));
    }
    const passed = await pass(request, response, result, startedAt);
    body.dispose();
    return { ...note, ...passed };
  };

  async function pass(
    request: IncomingMessage,
    response: ServerResponse,
    answered: Answered,
    startedAt: number,
  ): Promise<Pick<Note, 'outcome' | 'tokensIn' | 'tokensOut' | 'firstTokenMs'>> {
    let firstTokenMs: number | null = null;
    const { outcome, meter } = await passAnswer({
      response,
      answered,
      style: styleOf(pathOf(request)),
      onFirstToken() {
        firstTokenMs = Math.round(performance.now() - startedAt);
      },
      onEvents: deps.onTokens,
    });
    answered.end();
    const tokens = meter?.tokens() ?? { tokensIn: null, tokensOut: null };
    return { outcome, firstTokenMs, ...tokens };
  }
}

/** A forward's name in the Host header is the whole choice: the request goes there as it is, whatever model it names. */
function planThrough(
  called: string,
  { url = '/' }: IncomingMessage,
  forwards: readonly Forward[],
): Plan | (ApiError & { name?: string }) {
  const replica = forwardNamed(called, forwards);
  const name = `${called}.localhost`;
  if ('status' in replica) return { ...replica, name };
  return { name, route: { model: name, replicas: [replica] }, order: [replica], path: url, grownBy: 0 };
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Followed, or passed on, it would lead a prompt and a key to an address that a model server chose. */
function redirected({ host, port }: Replica, path: string): ApiError {
  const message = `The model server at ${host}:${port} sends ${pathOf({ url: path })} to another address, which is not followed; ask for the path that it means.`;
  return { status: 502, code: 'upstream_redirect', message };
}

function isAnswered(result: Answered | readonly Failed[]): result is Answered {
  return 'answer' in result;
}

/** As the model servers call the model: nothing is changed where the client does so too. */
function word(asked: AskedModel, { model }: Route, { url = '/' }: IncomingMessage) {
  return asked.name === model ? { path: url, grownBy: 0 } : asked.rename(model);
}
