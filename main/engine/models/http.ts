/** HTTP GET to a server on a host, over channels of its Transport: no curl and no process there. */

import http from 'node:http';
import { AppError } from '#common/failure.ts';
import { plainText } from '#common/text.ts';
import { ChannelAgent, type OpenChannel } from './channel-agent.ts';
import { type LongBody, readBody } from './http-body.ts';
import { timeLimit } from './time-limit.ts';

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
  readonly open: OpenChannel;
  /** `address:port` for the Host header. */
  readonly authority: string;
  /** For each request as a whole, the opening of its channel included. */
  readonly timeoutMs: number;
  /** Sent to this server alone, as `Authorization: Bearer`; one that {@link isApiKey} refuses is not sent. */
  readonly apiKey?: string | null;
}

export interface HttpClient {
  /**
   * Returns whatever the server answers, without following redirects; requests one after the other share a channel. In
   * the body of a refusal the API key is blotted out, since that text is shown and some servers repeat what they were sent.
   * Errors: those of opening the channel, `server-timeout`, `server-error` (closed without an answer),
   * `server-not-openai` (no HTTP, or an answer beyond 1 MiB), `cancelled`. `long` takes more
   * in the body of a `200`.
   */
  get(path: string, signal?: AbortSignal, long?: LongBody): Promise<HttpAnswer>;
  /** Whether anything has been answered yet, in HTTP. */
  readonly answered: boolean;
  /** Closes the channel. */
  close(): void;
}

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
  const agent = new ChannelAgent(deps.open, 1);
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
    async get(path, signal, long) {
      const detail = `no answer for ${timeoutMs} ms`;
      const late = () => new AppError('server-timeout', { step: 'models', detail });
      const limit = timeLimit(timeoutMs, late, signal);
      try {
        const answer = await request(agent, { path, headers, signal: limit.signal, long });
        answered = true;
        if (apiKey === null || answer.status === 200) return answer;
        return { ...answer, body: withoutKey(answer.body, apiKey) };
      } catch (error) {
        throw limit.signal.aborted ? limit.signal.reason : toAppError(error);
      } finally {
        limit.end();
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
  readonly long: LongBody | undefined;
}

/** A server may close the channel in the moment in which it is used again (RFC 9112, 9.3.1): then one more try is right. */
async function request(agent: http.Agent, asked: Asked): Promise<HttpAnswer> {
  return await requestOnce(agent, asked).catch((error: unknown) => {
    if (!(error instanceof StaleChannel)) throw error;
    return requestOnce(agent, asked);
  });
}

class StaleChannel extends Error {}

function requestOnce(agent: http.Agent, { path, headers, signal, long }: Asked): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    // A request whose channel is still being opened does not report its end.
    const abandon = (): void => reject(signal.reason);
    let isAnswered = false;
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
    asked.on('close', () => {
      signal.removeEventListener('abort', abandon);
      // Neither an error nor an answer comes where the server goes over to another protocol.
      if (!isAnswered) reject(notOpenAi('something else than HTTP'));
    });
    asked.on('error', (error: NodeJS.ErrnoException) =>
      reject(asked.reusedSocket && error.code === 'ECONNRESET' ? new StaleChannel(error.message) : error),
    );
    asked.on('response', (response) => {
      isAnswered = true;
      readBody(response, long).then(
        (body) =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: (response.headers['content-type'] ?? '').replace(/;.*$/s, '').trim().toLowerCase(),
            server: String(response.headers.server ?? '').toLowerCase(),
            body,
          }),
        (error) => {
          asked.destroy();
          reject(error);
        },
      );
    });
  });
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
