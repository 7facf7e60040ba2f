/** HTTP GET to a server on a host, over channels of its Transport: no curl and no process there. */

import http from 'node:http';
import type { Duplex } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { AppError } from '#common/errors.ts';
import { plainText } from '#common/text.ts';

export interface HttpAnswer {
  readonly status: number;
  /** Media type without parameters, lower case; empty when the server names none. */
  readonly contentType: string;
  /** The Server header, lower case; empty when there is none. */
  readonly server: string;
  readonly body: string;
}

export interface HttpClientDeps {
  /** Opens one channel to the server. */
  readonly open: (signal: AbortSignal | undefined) => Promise<Duplex>;
  /** `address:port` for the Host header. */
  readonly authority: string;
  /** For each request as a whole, the opening of its channel included. */
  readonly timeoutMs: number;
  /** Sent to this server alone, as `Authorization: Bearer`; one that {@link isApiKey} refuses is sent to nobody. */
  readonly apiKey?: string | null;
}

export interface HttpClient {
  /**
   * Returns whatever the server answers, without following redirects; requests one after the other share a channel. In
   * the body of a refusal the API key is blotted out, since that text is shown and some servers repeat what they were sent.
   * Errors: those of opening the channel, `server-timeout`, `server-error` (closed without an answer),
   * `server-not-openai` (no HTTP, or an answer beyond 1 MiB), `cancelled`.
   */
  get(path: string, signal?: AbortSignal): Promise<HttpAnswer>;
  /** Whether anything has been answered yet, in HTTP. */
  readonly answered: boolean;
  /** Closes the channel. */
  close(): void;
}

const maxBodyBytes = 1_048_576;
const tooLarge = 'an answer of more than 1 MiB';
const maxHeaderBytes = 16_384;

/** Whether a header can carry the key: visible ASCII, so that it neither ends the header nor begins another one. */
export function isApiKey(text: string): boolean {
  return /^[\u0021-\u007e]{1,4096}$/.test(text);
}

/** What a server says, with the API key blotted out that it may repeat: as it is, and as JSON escapes it. */
export function withoutKey(text: string, apiKey: string): string {
  const inJson = JSON.stringify(apiKey).slice(1, -1);
  return text.replaceAll(apiKey, '…').replaceAll(inJson, '…');
}

export function createHttpClient(deps: HttpClientDeps): HttpClient {
  const { authority, timeoutMs } = deps;
  const apiKey = typeof deps.apiKey === 'string' && isApiKey(deps.apiKey) ? deps.apiKey : null;
  const agent = new ChannelAgent(deps.open);
  let answered = false;
  const headers = {
    host: authority,
    accept: 'application/json, text/plain',
    // As Prometheus asks: prometheus_client packs 40 KB of metrics into 6.
    'accept-encoding': 'gzip',
    'user-agent': 'vllm-tray',
    ...(apiKey !== null && { authorization: `Bearer ${apiKey}` }),
  };
  return {
    async get(path, signal) {
      const ending = new AbortController();
      const end = (code: 'cancelled' | 'server-timeout', detail: string): void =>
        ending.abort(new AppError(code, { step: 'models', detail }));
      const cancel = (): void => end('cancelled', '');
      const timer = setTimeout(() => end('server-timeout', `no answer for ${timeoutMs} ms`), timeoutMs);
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted) cancel();
      try {
        const answer = await request(agent, { path, headers, signal: ending.signal });
        answered = true;
        if (apiKey === null || answer.status === 200) return answer;
        return { ...answer, body: withoutKey(answer.body, apiKey) };
      } catch (error) {
        throw ending.signal.aborted ? ending.signal.reason : toAppError(error);
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
      }
    },
    get answered() {
      return answered;
    },
    close: () => agent.destroy(),
  };
}

interface Asked {
  readonly path: string;
  readonly headers: http.OutgoingHttpHeaders;
  readonly signal: AbortSignal;
}

/** A server may close the channel in the moment in which it is used again (RFC 9112, 9.3.1): then one more try is right. */
async function request(agent: http.Agent, asked: Asked): Promise<HttpAnswer> {
  return await requestOnce(agent, asked).catch((error: unknown) => {
    if (!(error instanceof StaleChannel)) throw error;
    return requestOnce(agent, asked);
  });
}

class StaleChannel extends Error {}

function requestOnce(agent: http.Agent, { path, headers, signal }: Asked): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    // A request whose channel is still being opened does not tell of its end by itself.
    const abandon = (): void => reject(signal.reason);
    signal.addEventListener('abort', abandon);
    signal.throwIfAborted();
    const asked = http.get({
      agent,
      path,
      signal,
      maxHeaderSize: maxHeaderBytes,
      headers,
    });
    // The agent keeps the signal as long as the channel, and a listener would keep the answer with it.
    asked.on('close', () => signal.removeEventListener('abort', abandon));
    asked.on('error', (error: NodeJS.ErrnoException) =>
      reject(asked.reusedSocket && error.code === 'ECONNRESET' ? new StaleChannel(error.message) : error),
    );
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        chunks.push(chunk);
        if (length > maxBodyBytes) asked.destroy(notOpenAi(tooLarge));
      });
      response.on('end', () => {
        try {
          resolve({
            status: response.statusCode ?? 0,
            contentType: (response.headers['content-type'] ?? '').replace(/;.*$/s, '').trim().toLowerCase(),
            server: String(response.headers.server ?? '').toLowerCase(),
            body: unpacked(Buffer.concat(chunks), response.headers['content-encoding']).toString(),
          });
        } catch (error) {
          reject(error);
        }
      });
    });
  });
}

/** Errors: `server-not-openai`. */
function unpacked(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding?.trim().toLowerCase() !== 'gzip') return body;
  try {
    return gunzipSync(body, { maxOutputLength: maxBodyBytes });
  } catch (error) {
    const isLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw notOpenAi(isLarge ? tooLarge : 'an answer that is not the gzip it says to be', error);
  }
}

function notOpenAi(detail: string, cause?: unknown): AppError {
  return new AppError('server-not-openai', { step: 'models', detail, cause });
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  // llhttp's codes: what answers speaks another protocol, or TLS.
  if (code.startsWith('HPE_')) return notOpenAi('something else than HTTP', error);
  return new AppError('server-error', { step: 'models', detail: plainText(message, 200), cause: error });
}

/** Gives Node's HTTP client the one channel to this server, and opens it again when the server has closed it. */
class ChannelAgent extends http.Agent {
  readonly #open: HttpClientDeps['open'];
  #closed = false;

  constructor(open: HttpClientDeps['open']) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#open = open;
  }

  override createConnection(
    options: http.ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const opened = (stream: Duplex): void => {
      makeFit(stream);
      if (this.#closed) stream.destroy();
      callback?.(null, stream);
    };
    // The stream is absent exactly when there is an error, which the declared type cannot say.
    const failed = (error: Error): void => (callback as ((error: Error) => void) | undefined)?.(error);
    this.#open(options.signal).then(opened, failed);
  }

  // What Node does here are socket options that a channel does not have.
  override keepSocketAlive(): boolean {
    return !this.#closed;
  }
  override reuseSocket(channel: Duplex, request: http.ClientRequest): void {
    super.reuseSocket(Object.assign(channel, { ref: () => channel }), request);
  }

  override destroy(): void {
    this.#closed = true;
    super.destroy();
  }
}

/** Not among the agent's closures: a listener made there would keep the first request, with its answer, as long as the channel. */
function makeFit(channel: Duplex): void {
  // Without a listener of its own, an error after the request's end would end the process.
  channel.on('error', () => undefined);
  // A channel can be half open, which HTTP has no use for: what the server has closed must not be used again.
  channel.once('end', () => channel.destroy());
}
