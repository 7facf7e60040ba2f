/** A streamed chat completion of an OpenAI-style server, over one channel to it. */

import http from 'node:http';
import type { Duplex } from 'node:stream';
import { createParser } from 'eventsource-parser';
import * as z from 'zod/mini';
import { AppError, messageOf } from '#common/failure.ts';
import { authorityOf, plainBlock, plainText } from '#common/text.ts';
import { after, createAlarm } from '#common/timer.ts';
import { isApiKey, withoutKey } from './http.ts';

export interface ChatRequest {
  /** Opens the channel to the server. */
  readonly open: () => Promise<Duplex>;
  readonly server: { readonly address: string; readonly port: number; readonly apiKey: string | null };
  readonly question: { readonly model: string; readonly prompt: string };
  readonly signal: AbortSignal;
}

/** A model that is silent for so long has failed; long prompts take their time before the first token. */
const silenceMs = 60_000;
const maxTokens = 256;
const mostCharacters = 8000;
const mostErrorBytes = 16_384;
/** Of the stream with all that is not text in it: 256 tokens take a tenth of that. */
const mostStreamed = 1_048_576;

/**
 * Yields the pieces of the answer as they come: text of at most 8,000 characters in all, without control characters other
 * than line feeds; a model that reasons first yields that too. Errors: those of `open`, `server-error` (refused, with the
 * server's own words), `server-timeout`, `cancelled`.
 */
export async function* streamChat({ open, server, question, signal }: ChatRequest): AsyncGenerator<string> {
  const channel = await open();
  channel.on('error', () => channel.destroy());
  const end = (): void => void channel.destroy();
  signal.addEventListener('abort', end, { once: true });
  try {
    const response = await ask(channel, server, question);
    if (response.statusCode !== 200) throw await refusal(response, server.apiKey);
    let left = mostCharacters;
    for await (const piece of pieces(response)) {
      const text = plainBlock(piece, left);
      left -= text.length;
      if (text !== '') yield text;
      if (left <= 0) return;
    }
  } catch (error) {
    if (signal.aborted) throw new AppError('cancelled', { step: 'models' });
    throw error instanceof AppError ? error : broken(error);
  } finally {
    signal.removeEventListener('abort', end);
    channel.destroy();
  }
}

function ask(
  channel: Duplex,
  { address, port, apiKey }: ChatRequest['server'],
  { model, prompt }: ChatRequest['question'],
): Promise<http.IncomingMessage> {
  const body = JSON.stringify({
    model,
    messages: [{ role: 'user', content: prompt }],
    max_tokens: maxTokens,
    stream: true,
  });
  return new Promise((resolve, reject) => {
    const request = http.request({
      method: 'POST',
      path: '/v1/chat/completions',
      createConnection: () => channel,
      headers: {
        host: authorityOf(address, port),
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        accept: 'text/event-stream',
        'user-agent': 'vllm-tray',
        ...(apiKey !== null && isApiKey(apiKey) && { authorization: `Bearer ${apiKey}` }),
      },
    });
    const timer = after(silenceMs, () => request.destroy(silent()));
    request.on('error', reject);
    request.once('close', () => {
      timer.cancel();
      // Neither an error nor an answer comes where the server goes over to another protocol.
      reject(new Error('something else than HTTP'));
    });
    request.once('response', (response) => {
      timer.cancel();
      resolve(response);
    });
    request.end(body);
  });
}

const chunkSchema = z.object({
  choices: z.array(
    z.object({
      delta: z.catch(
        z.object({
          content: z.optional(z.nullable(z.string())),
          reasoning_content: z.optional(z.nullable(z.string())),
        }),
        {},
      ),
    }),
  ),
});

/** The texts in the server-sent events (`data: {"choices":[{"delta":{"content":"..."}}]}`, then `data: [DONE]`). */
async function* pieces(response: http.IncomingMessage): AsyncGenerator<string> {
  const found: string[] = [];
  let done = false;
  const parser = createParser({
    onEvent({ data }) {
      if (data === '[DONE]') done = true;
      else found.push(textOf(data));
    },
  });
  const silence = createAlarm();
  const wait = (): void => silence.after(silenceMs, () => response.destroy(silent()));
  wait();
  try {
    response.setEncoding('utf8');
    let left = mostStreamed;
    for await (const part of response as AsyncIterable<string>) {
      wait();
      left -= part.length;
      if (left < 0) throw endless();
      parser.feed(part);
      yield* found.splice(0).filter((text) => text !== '');
      if (done) return;
    }
  } finally {
    silence.cancel();
  }
}

function textOf(data: string): string {
  try {
    const [choice] = chunkSchema.parse(JSON.parse(data)).choices;
    return choice?.delta.content ?? choice?.delta.reasoning_content ?? '';
  } catch {
    // No chunk of a completion: some servers send comments and errors of their own between them.
    return '';
  }
}

/** What the server says of why not, without the key that it may repeat. */
async function refusal(response: http.IncomingMessage, apiKey: string | null): Promise<AppError> {
  let body = '';
  response.setEncoding('utf8');
  for await (const part of response as AsyncIterable<string>) {
    body += part;
    if (body.length > mostErrorBytes) break;
  }
  const said = apiKey === null ? body : withoutKey(body, apiKey);
  return new AppError('server-error', {
    step: 'models',
    detail: plainText(`HTTP ${response.statusCode}: ${said}`, 300),
  });
}

function silent(): AppError {
  return new AppError('server-timeout', { step: 'models', detail: `nothing came for ${silenceMs / 1000} s` });
}

function endless(): AppError {
  return new AppError('server-error', { step: 'models', detail: 'it answers without end' });
}

function broken(error: unknown): AppError {
  return new AppError('server-error', {
    step: 'models',
    detail: plainText(messageOf(error), 200),
    cause: error,
  });
}
