import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError } from '#common/failure.ts';
import { authorityOf } from '#common/text.ts';
import { pipeBoth } from '../forward/pipe.ts';
import { timeLimit } from '../models/time-limit.ts';
import { type Failed, noHttp, usualAnswerMs, whyFailed } from './attempts.ts';
import type { Replica } from './catalogue.ts';
import { inOrder } from './choice.ts';
import type { ApiError } from './errors.ts';
import { answerHeaders, canPassOn, requestHeaders } from './headers.ts';
import { endUpgrade } from './listener.ts';
import { forwardNamed, nameInHost } from './named-forward.ts';
import { type Note, unnoted } from './note.ts';
import { type RelayDeps, redirected } from './relay.ts';
import { type Route, routeTo, unanswered } from './routing.ts';

/** Passes a connection on that is to become a WebSocket (`/v1/realtime?model=...`). Resolves when it is closed; never rejects. */
export type UpgradeRelay = (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<Note>;

type Deps = Pick<
  RelayDeps,
  'catalogue' | 'scan' | 'forwards' | 'apiKeyFor' | 'upstreams' | 'book' | 'answerMs'
>;

/** What a model server made of the wish: it went along with it, or it answered like to any other request. */
interface Answered {
  readonly replica: Replica;
  readonly answer: IncomingMessage;
  /** Null where it did not go along. */
  readonly channel: Duplex | null;
  readonly head: Buffer;
}

const mostReplicas = 2;

export function createUpgradeRelay(deps: Deps): UpgradeRelay {
  const { answerMs = usualAnswerMs } = deps;
  const late = (): AppError =>
    new AppError('server-timeout', { step: 'models', detail: `no answer in ${answerMs / 1000} s` });

  const ask = async (request: IncomingMessage, replica: Replica, path: string, signal: AbortSignal) => {
    const channel = await deps.upstreams.open(replica, signal);
    const headers = requestHeaders(request, {
      authority: authorityOf(replica.address, replica.port),
      apiKey: deps.apiKeyFor(replica.id),
      grownBy: 0,
    });
    const { upgrade = '' } = request.headers;
    const upstream = http.request({
      method: request.method,
      path,
      headers: [...headers, 'Connection', 'Upgrade', 'Upgrade', upgrade] as never,
      createConnection: () => channel,
      signal,
    });
    upstream.end();
    return await answerOf(upstream, replica);
  };

  const firstOf = async (
    request: IncomingMessage,
    order: readonly Replica[],
    path: string,
    signal: AbortSignal,
  ): Promise<Answered | readonly Failed[]> => {
    const failed: Failed[] = [];
    for (const replica of order.slice(0, mostReplicas)) {
      const limit = timeLimit(answerMs, late, signal);
      try {
        return await ask(request, replica, path, limit.signal);
      } catch (error) {
        if (signal.aborted) break;
        deps.book.doubt(replica);
        failed.push({ replica, why: whyFailed(limit.signal.aborted ? limit.signal.reason : error) });
      } finally {
        limit.end();
      }
    }
    return failed;
  };

  return async (request, socket, head) => {
    const gone = new AbortController();
    socket.on('error', () => socket.destroy());
    const aim = aimOf(request, deps);
    if ('status' in aim) {
      endUpgrade(request, socket, aim);
      return { ...unnoted, model: aim.name };
    }
    const { name, route, path } = aim;
    const order = inOrder(route.replicas.map(deps.book.weigh), null);
    const unwatch = watchEnd(socket, () => gone.abort());
    const result = await firstOf(request, order, path, gone.signal);
    unwatch();
    if (gone.signal.aborted) {
      socket.destroy();
      return { ...unnoted, model: name, outcome: 'client-gone' };
    }
    if (!('answer' in result)) {
      endUpgrade(request, socket, unanswered(route.model, result));
      return { ...unnoted, model: name };
    }
    const { replica, answer } = result;
    const elsewhere = redirected(result, path);
    if (elsewhere !== null) {
      answer.destroy();
      endUpgrade(request, socket, elsewhere);
      return { ...unnoted, model: name, host: replica.host, port: replica.port };
    }
    const end = deps.book.begin(replica);
    await join(result, socket as Socket, head);
    end();
    return { ...unnoted, model: name, host: replica.host, port: replica.port, outcome: 'answered' };
  };
}

/**
 * Calls back when a client that waits goes away, which is seen only where it is read from; returns the end of that. Nothing is taken
 * of what it says already.
 */
function watchEnd(socket: Duplex, onEnd: () => void): () => void {
  const look = (): void => void socket.read(0);
  socket.on('readable', look).once('end', onEnd).once('close', onEnd);
  return () => void socket.off('readable', look).off('end', onEnd).off('close', onEnd);
}

interface Aim {
  readonly name: string;
  readonly route: Route;
  readonly path: string;
}

/** Where a wish for an upgrade may go: through the forward that its Host header names, or to the model of its query. */
function aimOf(
  { headers, url = '/' }: IncomingMessage,
  deps: Deps,
): Aim | (ApiError & { name: string | null }) {
  const called = nameInHost(headers);
  if (called !== null) {
    const name = `${called}.localhost`;
    const replica = forwardNamed(called, deps.forwards());
    return 'status' in replica
      ? { ...replica, name }
      : { name, route: { model: name, replicas: [replica] }, path: url };
  }
  const query = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?')) : '');
  const name = query.get('model');
  if (name === null) {
    const message = 'The request names no model: add ?model= to its address.';
    return { status: 400, code: 'model_missing', param: 'model', message, name };
  }
  const route = routeTo(name, { catalogue: deps.catalogue(), scan: deps.scan() });
  if ('status' in route) return { ...route, name };
  query.set('model', route.model);
  return { name, route, path: name === route.model ? url : `${url.split('?', 1)[0]}?${query}` };
}

function answerOf(upstream: ClientRequest, replica: Replica): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const answered = (answer: IncomingMessage, channel: Duplex | null, head: Buffer): void => {
      if (canPassOn(answer)) resolve({ replica, answer, channel, head });
      else upstream.destroy(new Error(noHttp));
    };
    upstream.once('upgrade', answered);
    upstream.once('response', (answer) => answered(answer, null, Buffer.alloc(0)));
    upstream.on('error', reject);
    upstream.once('close', () => reject(new AppError('cancelled', { step: 'models' })));
  });
}

async function join(
  { answer, channel, head, replica }: Answered,
  socket: Socket,
  first: Buffer,
): Promise<void> {
  const connection =
    channel === null
      ? ['Connection', 'close']
      : ['Connection', 'Upgrade', 'Upgrade', answer.headers.upgrade ?? ''];
  const headers = [...answerHeaders(answer, replica.host), ...connection];
  const lines = headers.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${headers[at + 1]}`] : []));
  socket.write(
    `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n${lines.join('\r\n')}\r\n\r\n`,
    'latin1',
  );
  if (channel !== null) {
    socket.write(head);
    channel.write(first);
    await pipeBoth(socket, channel);
    return;
  }
  // Closing it is where the answer ends: its own lengths were those of another connection.
  await new Promise<void>((resolve) => {
    answer.on('error', () => socket.destroy());
    socket.once('close', () => {
      answer.destroy();
      resolve();
    });
    answer.pipe(socket);
    answer.once('end', () => socket.destroySoon());
  });
}
