/** The web servers of a demo host: one that answers like a model server's, and a notebook that only answers HTML. */

import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { htmlType, nowS } from './engine-pages.ts';
import { playedEngines } from './engines/registry.ts';
import { createRandom, partSeed } from './random.ts';
import type { Phase } from './server-life.ts';
import type { FinishReason, ServerLoad } from './server-load.ts';
import type { ModelServerSpec } from './specs.ts';
import {
  type AnswerFrame,
  type CompletionRequest,
  type Refusal,
  readRequest,
  refusal,
  roleChunk,
  textChunk,
  usageChunk,
  wholeAnswer,
} from './vllm-answers.ts';

export interface WebServer {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Ends all connections; resolves when the port is free. */
  close(): Promise<void>;
}

const maxBodyBytes = 4 * 1024 * 1024;
const jsonType = { 'content-type': 'application/json' };

/** Rejects with the error of `listen`. */
export function startNotebook(): Promise<WebServer> {
  return serveOnLoopback((_request, response) => {
    response.writeHead(200, { 'content-type': htmlType, server: 'TornadoServer/6.4.1' });
    response.end('<!DOCTYPE html><html><head><title>JupyterLab</title></head><body></body></html>\n');
  });
}

export interface ModelServerOptions {
  readonly hostAlias: string;
  readonly seed: number;
}

/** Serves the model of `load`; what clients ask of it shows in the load's figures. Rejects with the error of `listen`. */
export function startModelServer(load: ServerLoad, options: ModelServerOptions): Promise<WebServer> {
  const { spec } = load;
  const { hostAlias, seed } = options;
  const random = createRandom(partSeed(seed, `${hostAlias} answers ${spec.port}`));
  const json = (response: ServerResponse, status: number, body: object) =>
    response.writeHead(status, jsonType).end(JSON.stringify(body));
  const { header, pages: pagesOf } = playedEngines[spec.kind];
  const pages = pagesOf(load, () => random.hex(32));
  const completions: Readonly<Record<string, boolean>> = {
    '/v1/chat/completions': true,
    '/v1/completions': false,
  };

  return serveOnLoopback((request, response) => {
    // A connection from before it crashed.
    if (load.phase() === 'down') return void request.socket.destroy();
    if (header !== null) response.setHeader('server', header);
    const path = (request.url ?? '/').replace(/\?.*$/s, '');
    if (path.startsWith('/v1') && !isAllowed(request, spec))
      return json(response, 401, { error: 'Unauthorized' });
    const answer = pages[`${request.method} ${path}`]?.();
    if (answer !== undefined)
      return response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
    const chat = completions[path];
    if (chat !== undefined && request.method === 'POST') {
      const refused = unready[load.phase()];
      if (refused !== undefined) return json(response, refused.status, refused.body);
      const frame = { id: `${chat ? 'chatcmpl' : 'cmpl'}-${random.hex(32)}`, createdS: nowS(), chat };
      const paceSeed = random.whole(0, 0xffff_ffff);
      return void complete(request, response, { load, frame, hostAlias, paceSeed });
    }
    const known = chat !== undefined || Object.keys(pages).some((key) => key.endsWith(` ${path}`));
    return json(response, known ? 405 : 404, { detail: known ? 'Method Not Allowed' : 'Not Found' });
  });
}

function isAllowed({ headers }: IncomingMessage, { apiKey }: ModelServerSpec): boolean {
  return apiKey === null || headers.authorization === `Bearer ${apiKey}`;
}

/** What a server says that is not ready for requests. */
const unready: Readonly<Partial<Record<Phase, Refusal>>> = {
  loading: refusal(503, 'ServiceUnavailable', 'The model is still loading.'),
  sleeping: refusal(503, 'ServiceUnavailable', 'The engine is sleeping; wake it with POST /wake_up.'),
};

interface Completion {
  readonly load: ServerLoad;
  readonly frame: Omit<AnswerFrame, 'model'>;
  readonly hostAlias: string;
  readonly paceSeed: number;
}

async function complete(request: IncomingMessage, response: ServerResponse, one: Completion): Promise<void> {
  const text = await readBody(request);
  const asked: CompletionRequest | Refusal =
    text === null
      ? refusal(413, 'Request Entity Too Large', 'The request is too large.')
      : readRequest(one.load.spec, text, one.frame.chat);
  if ('status' in asked) {
    response.writeHead(asked.status, jsonType).end(JSON.stringify(asked.body));
    return;
  }
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const frame: AnswerFrame = { ...one.frame, model: asked.model };
  const all = tokens(answerText(asked, one.hostAlias));
  const pieces = all.slice(0, asked.maxTokens ?? all.length);
  const finish = pieces.length < all.length ? 'length' : 'stop';
  const usage = { promptTokens: Math.max(1, tokens(asked.prompt).length), completionTokens: pieces.length };
  const send = (event: object) => response.write(`data: ${JSON.stringify(event)}\n\n`);
  const emit = (piece: string, last: boolean) => {
    if (asked.stream) send(textChunk(frame, piece, last ? finish : null));
  };

  if (asked.stream) response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  if (asked.stream && frame.chat) send(roleChunk(frame));
  const generation = { pieces, finish, promptTokens: usage.promptTokens, signal: gone.signal, emit } as const;
  if (!(await generate(one, generation))) return;
  if (!asked.stream) {
    const whole = wholeAnswer(frame, { text: pieces.join(''), finish, usage });
    response.writeHead(200, jsonType).end(JSON.stringify(whole));
    return;
  }
  if (asked.includeUsage) send(usageChunk(frame, usage));
  response.end('data: [DONE]\n\n');
}

interface Generation {
  readonly pieces: readonly string[];
  readonly promptTokens: number;
  readonly finish: FinishReason;
  readonly signal: AbortSignal;
  readonly emit: (piece: string, last: boolean) => void;
}

/** Emits the tokens at the pace of a model and counts them in the load. False: the client left before the end. */
async function generate({ load, paceSeed }: Completion, one: Generation): Promise<boolean> {
  const random = createRandom(paceSeed);
  const live = load.begin(one.promptTokens);
  const startedAt = performance.now();
  const sinceStart = () => (performance.now() - startedAt) / 1000;
  let previous = 0;
  try {
    for (const [index, piece] of one.pieces.entries()) {
      const pauseMs = index === 0 ? random.between(60, 140) : random.between(20, 40);
      await sleep(pauseMs, undefined, { signal: one.signal });
      live.token(sinceStart() - previous);
      previous = sinceStart();
      one.emit(piece, index === one.pieces.length - 1);
    }
  } catch {
    // The only error here is the AbortError of sleep: the client has left, as vLLM counts it too.
    live.end('abort', sinceStart());
    return false;
  }
  live.end(one.finish, sinceStart());
  return true;
}

/** Null when the body is larger than the demo takes. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes <= maxBodyBytes) parts.push(part);
    }
  } catch {
    return null; // the client left while it sent; the refusal reaches no one
  }
  return bytes <= maxBodyBytes ? Buffer.concat(parts).toString('utf8') : null;
}

const answers = [
  'Tensor parallelism splits each layer across the GPUs, so that one model larger than one card still answers quickly. The price is traffic between the cards, which is why NVLink matters more than raw compute here.',
  'A queue that grows while the KV cache is nearly full means that requests wait for memory, not for compute. Shorter contexts, a smaller batch or one more replica will help; a faster card alone will not.',
  'Paged attention keeps the cache of each request in small blocks, so that nothing has to be reserved for the longest possible answer. Blocks that begin alike are shared, and that is what the prefix cache counts.',
] as const;

function answerText(asked: CompletionRequest, hostAlias: string): string {
  const text = answers[asked.prompt.length % answers.length] ?? answers[0];
  return `This is the demo cluster: ${asked.model} on ${hostAlias} is simulated. ${text}`;
}

/** About as a tokenizer cuts English: words with the space before them, long ones in two. */
const tokens = (text: string): readonly string[] => text.match(/\s*\S{1,7}|\s+$/g) ?? [];

/** Serves on a free port of 127.0.0.1. Rejects with the error of `listen`. */
export async function serveOnLoopback(listener: RequestListener): Promise<WebServer> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  // No more files can be opened, for one: without a listener it would end the app.
  server.on('error', () => undefined);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
