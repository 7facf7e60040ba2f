/** A model server that answers as vLLM does, with what a test wants to go wrong. */

import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { httpServer, type UpgradeListener } from './model-servers.ts';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  /** Of the whole body, once it has come. */
  sha256: string | null;
  bytes: number;
  /** Whether the connection was closed before the answer was whole. */
  cut: boolean;
}

export interface StandInModel {
  readonly port: number;
  readonly seen: SeenRequest[];
  /** Answers requests for the models as before, and all others like this from now on; null: as vLLM. */
  answer(handler: ((request: IncomingMessage, response: ServerResponse) => void) | null): void;
  /** Does this with connections that are to be upgraded from now on; before that they are closed. */
  onUpgrade(listener: UpgradeListener): void;
}

export interface StandInOptions {
  readonly models?: readonly string[];
  /** Without this key it answers 401. */
  readonly apiKey?: string;
  readonly host?: string;
}

export const reply = 'Why did the GPU cross the bus? To get to the other side of the tensor. 🌍';

export async function standInModel({
  models = ['m'],
  apiKey,
  host,
}: StandInOptions = {}): Promise<StandInModel> {
  const seen: SeenRequest[] = [];
  let handler: ((request: IncomingMessage, response: ServerResponse) => void) | null = null;
  let upgraded: UpgradeListener = (_request, socket) => void socket.destroy();
  const port = await httpServer(
    (request, response) => {
      if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`) {
        response.writeHead(401).end('{"error":"Unauthorized"}');
        return;
      }
      if (request.url === '/v1/models') return json(response, { object: 'list', data: models.map(card) });
      if (request.url === '/version') return json(response, { version: '0.11.0' });
      // What the scan asks beside these.
      if (request.headers['user-agent'] === 'vllm-tray') return void response.writeHead(404).end();
      note(seen, request, response);
      if (handler !== null) handler(request, response);
      else void answerLikeVllm(request, response);
    },
    host,
    (...upgrade) => upgraded(...upgrade),
  );
  return {
    port,
    seen,
    answer(next) {
      handler = next;
    },
    onUpgrade(next) {
      upgraded = next;
    },
  };
}

const card = (id: string) => ({ id, object: 'model', owned_by: 'vllm', max_model_len: 8192 });

function note(seen: SeenRequest[], request: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '', headers, rawHeaders } = request;
  const one: SeenRequest = { method, url, headers, rawHeaders, sha256: null, bytes: 0, cut: false };
  seen.push(one);
  const hash = createHash('sha256');
  request.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    one.bytes += chunk.length;
  });
  request.on('end', () => {
    one.sha256 = hash.digest('hex');
  });
  response.on('close', () => {
    one.cut = !response.writableFinished;
  });
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

interface Asked {
  readonly model: string;
  readonly stream?: boolean;
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
}

async function answerLikeVllm(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request).catch(() => null);
  if (body === null) return;
  const path = request.url?.split('?')[0] ?? '';
  if (path === '/v1/audio/transcriptions')
    return json(response, { text: 'Hello', sha256: createHash('sha256').update(body).digest('hex') });
  const asked = JSON.parse(body.toString()) as Asked;
  const { model } = asked;
  if (path === '/v1/embeddings') {
    const vector = Buffer.from(new Float32Array([0.25, -1, 3]).buffer);
    const wantsText = (asked as { encoding_format?: string }).encoding_format === 'base64';
    const embedding = wantsText ? vector.toString('base64') : [0.25, -1, 3];
    return json(response, {
      object: 'list',
      model,
      data: [{ object: 'embedding', index: 0, embedding }],
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
  }
  if (path === '/v1/messages') return messages(response, asked);
  if (path === '/v1/messages/count_tokens') return json(response, { input_tokens: 12 });
  if (path === '/v1/responses') return responses(response, asked);
  if (path === '/v1/chat/completions') return chat(response, asked);
  json(response, { path, model, sha256: createHash('sha256').update(body).digest('hex') });
}

const pieces = reply.match(/\S+\s*/g) ?? [];

async function chat(response: ServerResponse, { model, stream, tools }: Asked): Promise<void> {
  const base = { id: 'chatcmpl-1', created: 1, model };
  const usage = { prompt_tokens: 7, completion_tokens: pieces.length, total_tokens: 7 + pieces.length };
  const name = tools?.[0]?.function.name;
  const call = { id: 'call_1', type: 'function', function: { name, arguments: '{"city":"Paris"}' } };
  if (stream !== true) {
    const message =
      name === undefined
        ? { role: 'assistant', content: reply }
        : { role: 'assistant', content: null, tool_calls: [call] };
    const finish_reason = name === undefined ? 'stop' : 'tool_calls';
    return json(response, {
      ...base,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason }],
      usage,
    });
  }
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    ...base,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason }],
  });
  const deltas =
    name === undefined
      ? pieces.map((content) => chunk({ content }))
      : [chunk({ tool_calls: [{ index: 0, ...call }] })];
  await events(response, [
    chunk({ role: 'assistant', content: '' }),
    ...deltas,
    chunk({}, name === undefined ? 'stop' : 'tool_calls'),
    { ...base, object: 'chat.completion.chunk', choices: [], usage },
  ]);
  response.end('data: [DONE]\n\n');
}

async function messages(response: ServerResponse, { model, stream }: Asked): Promise<void> {
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    stop_reason: 'end_turn',
    stop_sequence: null,
  };
  const usage = { input_tokens: 9, output_tokens: pieces.length };
  if (stream !== true) return json(response, { ...message, content: [{ type: 'text', text: reply }], usage });
  await events(response, [
    {
      type: 'message_start',
      message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...pieces.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: pieces.length },
    },
    { type: 'message_stop' },
  ]);
  response.end();
}

async function responses(response: ServerResponse, { model, stream }: Asked): Promise<void> {
  const usage = { input_tokens: 5, output_tokens: pieces.length, total_tokens: 5 + pieces.length };
  const content = [{ type: 'output_text', text: reply, annotations: [] }];
  const item = { id: 'item_1', type: 'message', role: 'assistant', status: 'completed', content };
  const whole = {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    status: 'completed',
    model,
    output: [item],
    usage,
  };
  if (stream !== true) return json(response, whole);
  await events(response, [
    {
      type: 'response.created',
      sequence_number: 0,
      response: { ...whole, status: 'in_progress', output: [] },
    },
    {
      type: 'response.output_item.added',
      sequence_number: 1,
      output_index: 0,
      item: { ...item, content: [] },
    },
    ...pieces.map((delta, at) => ({
      type: 'response.output_text.delta',
      sequence_number: at + 2,
      item_id: 'item_1',
      output_index: 0,
      content_index: 0,
      delta,
    })),
    { type: 'response.output_item.done', sequence_number: 90, output_index: 0, item },
    { type: 'response.completed', sequence_number: 99, response: whole },
  ]);
  response.end();
}

/** Each event in a packet of its own. */
async function events(response: ServerResponse, list: readonly object[]): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  for (const event of list) {
    const name = 'type' in event ? `event: ${event.type}\n` : '';
    response.write(`${name}data: ${JSON.stringify(event)}\n\n`);
    await delay(1);
  }
}
