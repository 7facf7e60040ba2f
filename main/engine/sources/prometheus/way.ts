/** The way to a Prometheus: directly, or through a channel of a host's SSH connection, with the login that its settings say. */

import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { createSecureContext } from 'node:tls';
import { AppError, messageOf } from '#common/failure.ts';
import { type PrometheusSource, readSourceUrl, type SourceAddress } from '#common/prometheus.ts';
import { authorityOf, plainText } from '#common/text.ts';
import { ChannelAgent } from '../../models/channel-agent.ts';
import type { Way } from './http-ask.ts';

/** What is kept apart from the settings of a source. */
export interface SourceSecrets {
  /** The password, the token, or the passphrase of the client certificate's key; null: none. */
  readonly login: string | null;
  /** The value of its header; null: none. */
  readonly header: string | null;
}

export const noSecrets: SourceSecrets = { login: null, header: null };

/** Opens a channel to a port of 127.0.0.1 on a host. */
export type OpenStream = (alias: string, port: number, signal: AbortSignal | undefined) => Promise<Duplex>;

export interface OpenWay extends Way {
  /** What stands before `/api/v1`. */
  readonly prefix: string;
  close(): void;
}

const mostConnections = 4;
const mostPemBytes = 1_048_576;
/** What a header can carry, and what neither ends it nor begins another one. */
const headerValue = /^[\x20-\x7e]{1,4096}$/;

/** Errors: `source-login` for a login that cannot be used as it is set. */
export async function openWay(
  source: PrometheusSource,
  secrets: SourceSecrets,
  stream: OpenStream,
): Promise<OpenWay> {
  const address = readSourceUrl(source.url);
  if (address === null)
    throw new AppError('bad-request', { step: 'probe', detail: 'not an address of Prometheus' });
  const headers = headersOf(source, secrets);
  const known = [secrets.login, secrets.header].filter((secret) => secret !== null);
  if (address.kind === 'ssh') return throughSsh(address, { headers, secrets: known, stream });
  const tls = address.secure ? await tlsOf(source, secrets) : {};
  const options = { keepAlive: true, maxSockets: mostConnections, ...tls };
  const agent = address.secure ? new https.Agent(options) : new http.Agent(options);
  const { hostname, port } = placeOf(address.authority, address.secure);
  return {
    secure: address.secure,
    agent,
    authority: address.authority,
    hostname,
    port,
    prefix: address.prefix,
    headers,
    secrets: known,
    close: () => agent.destroy(),
  };
}

function throughSsh(
  { alias, port, prefix }: Extract<SourceAddress, { kind: 'ssh' }>,
  { headers, secrets, stream }: Pick<Way, 'headers' | 'secrets'> & { readonly stream: OpenStream },
): OpenWay {
  const agent = new ChannelAgent((signal) => stream(alias, port, signal), mostConnections);
  const hostname = '127.0.0.1';
  const authority = authorityOf(hostname, port);
  return {
    secure: false,
    agent,
    authority,
    hostname,
    port,
    prefix,
    headers,
    secrets,
    close: () => agent.destroy(),
  };
}

function placeOf(authority: string, secure: boolean): { readonly hostname: string; readonly port: number } {
  const { hostname, port } = new URL(`${secure ? 'https' : 'http'}://${authority}`);
  return {
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 443 : 80) : Number(port),
  };
}

function headersOf(
  { login, user, header }: PrometheusSource,
  secrets: SourceSecrets,
): Record<string, string> {
  const headers: Record<string, string> = {};
  if (header !== '' && secrets.header !== null)
    headers[header.toLowerCase()] = checked(
      secrets.header,
      'the header has letters that no header can carry',
    );
  if (login === 'bearer' && secrets.login !== null)
    headers.authorization = `Bearer ${checked(secrets.login, 'the token has letters that no header can carry')}`;
  if (login === 'basic')
    headers.authorization = `Basic ${Buffer.from(`${user}:${secrets.login ?? ''}`).toString('base64')}`;
  return headers;
}

function checked(value: string, otherwise: string): string {
  if (headerValue.test(value)) return value;
  throw loginError(otherwise);
}

async function tlsOf(source: PrometheusSource, { login }: SourceSecrets): Promise<https.AgentOptions> {
  const isCertificate = source.login === 'certificate';
  const [ca, cert, key] = await Promise.all([
    pem(source.authority),
    pem(isCertificate ? source.certificate : ''),
    pem(isCertificate ? source.key : ''),
  ]);
  const options = {
    ...(ca !== null && { ca }),
    ...(cert !== null && { cert }),
    ...(key !== null && { key }),
    ...(isCertificate && login !== null && { passphrase: login }),
  };
  try {
    return { secureContext: createSecureContext(options) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_OSSL_BAD_DECRYPT') throw loginError('the passphrase is not that of the key');
    // A key of another certificate, or a file that is none of both.
    throw loginError(plainText(messageOf(error), 200));
  }
}

async function pem(file: string): Promise<Buffer | null> {
  if (file === '') return null;
  const read = await readFile(file).catch((error: unknown) => {
    throw loginError(plainText(messageOf(error), 200));
  });
  if (read.length > mostPemBytes) throw loginError(`${plainText(file)} is too long for a certificate`);
  return read;
}

function loginError(detail: string): AppError {
  return new AppError('source-login', { step: 'probe', detail });
}
