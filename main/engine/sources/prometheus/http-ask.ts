/** One HTTP request to Prometheus: bounded in time and size, unpacked, without following redirects. */

import http from 'node:http';
import https from 'node:https';
import { AppError, messageOf } from '#common/failure.ts';
import { plainText } from '#common/text.ts';
import { readBody, UnreadBody } from '../../models/http-body.ts';
import { timeLimit } from '../../models/time-limit.ts';
import type { RawAnswer } from './answer.ts';

/** Where requests go, and what they carry. */
export interface Way {
  readonly secure: boolean;
  readonly agent: http.Agent;
  /** For the Host header. */
  readonly authority: string;
  readonly hostname: string;
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What no text that is shown may repeat. */
  readonly secrets: readonly string[];
}

export interface Ask {
  readonly path: string;
  /** A form to post; absent: GET. */
  readonly form?: string;
  /** For the request as a whole. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Answers whatever the server says. Errors: `source-unreachable`; `source-busy` beyond its time; `source-too-many` for an
 * answer beyond 16 MiB; those of the connection to the host that it goes through; `cancelled`.
 */
export async function httpAsk(way: Way, { path, form, timeoutMs, signal }: Ask): Promise<RawAnswer> {
  const late = () => failed('source-busy', `no answer for ${Math.round(timeoutMs / 1000)} s`);
  const limit = timeLimit(timeoutMs, late, signal);
  try {
    const answer = await requestOnce(way, path, form, limit.signal).catch((error: unknown) => {
      if (!(error instanceof StaleSocket)) throw error;
      return requestOnce(way, path, form, limit.signal);
    });
    return { ...answer, body: answer.status === 200 ? answer.body : without(way.secrets, answer.body) };
  } catch (error) {
    throw limit.signal.aborted ? limit.signal.reason : toSourceError(error);
  } finally {
    limit.end();
  }
}

/** A server may close a connection in the moment in which it is used again (RFC 9112, 9.3.1): then one more try is right. */
class StaleSocket extends Error {}

function requestOnce(
  { secure, agent, authority, hostname, port, headers }: Way,
  path: string,
  form: string | undefined,
  signal: AbortSignal,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const abandon = (): void => reject(signal.reason);
    let isAnswered = false;
    signal.addEventListener('abort', abandon, { once: true });
    signal.throwIfAborted();
    const asked = (secure ? https : http).request({
      agent,
      hostname,
      port,
      path,
      signal,
      method: form === undefined ? 'GET' : 'POST',
      maxHeaderSize: 16_384,
      headers: {
        host: authority,
        accept: 'application/json',
        'accept-encoding': 'gzip',
        'user-agent': 'vllm-tray',
        ...headers,
        ...(form !== undefined && {
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': Buffer.byteLength(form),
        }),
      },
    });
    asked.on('close', () => {
      signal.removeEventListener('abort', abandon);
      // Neither an error nor an answer comes where the server goes over to another protocol.
      if (!isAnswered) reject(failed('source-not-prometheus', 'something else than HTTP'));
    });
    asked.on('error', (error: NodeJS.ErrnoException) =>
      reject(asked.reusedSocket && error.code === 'ECONNRESET' ? new StaleSocket() : error),
    );
    asked.on('response', (response) => {
      isAnswered = true;
      readBody(response, { kind: 'whole' }).then(
        (body) =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: (response.headers['content-type'] ?? '').replace(/;.*$/s, '').trim().toLowerCase(),
            location: response.headers.location ?? '',
            body,
          }),
        (error) => {
          asked.destroy();
          reject(error);
        },
      );
    });
    asked.end(form);
  });
}

function without(secrets: readonly string[], text: string): string {
  return secrets.reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '…')), text);
}

function toSourceError(error: unknown): AppError {
  if (error instanceof UnreadBody)
    return failed(error.kind === 'too-long' ? 'source-too-many' : 'source-not-prometheus', error.detail);
  if (error instanceof AppError) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  const alert = aboutCertificate.exec(code)?.[1];
  if (alert !== undefined) return failed('source-refused', alert.toLowerCase().replaceAll('_', ' '), error);
  if (code.startsWith('HPE_')) return failed('source-not-prometheus', 'something else than HTTP');
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  return failed('source-unreachable', plainText(messageOf(inner) || code, 200), error);
}

/** The alerts of TLS by which a server refuses a client certificate, or the want of one, as OpenSSL's codes end. */
const aboutCertificate =
  /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_(?:EXPIRED|REVOKED|UNKNOWN))$/;

function failed(
  code: 'source-refused' | 'source-unreachable' | 'source-busy' | 'source-too-many' | 'source-not-prometheus',
  detail: string,
  cause?: unknown,
): AppError {
  return new AppError(code, { step: 'probe', detail, cause });
}
