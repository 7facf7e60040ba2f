/**
 * What the HTTP API of Prometheus answers (https://prometheus.io/docs/prometheus/latest/querying/api), as Thanos, Mimir and
 * VictoriaMetrics do as well. Pure.
 */

import { AppError } from '#common/failure.ts';
import { plainText } from '#common/text.ts';

export type Labels = Readonly<Record<string, string>>;

/** One series of an instant query, as it comes. */
export interface RawSample {
  readonly metric: Labels;
  /** Seconds since the epoch by the server's clock, and the value as text. */
  readonly value: readonly [number, string];
}

/** One series of a range query. */
export interface RawSeries {
  readonly metric: Labels;
  readonly values: readonly (readonly [number, string])[];
}

export interface Answer<Item> {
  readonly items: readonly Item[];
  /** What the server says is missing; null: nothing. */
  readonly partial: string | null;
}

/** Of what was not asked. */
export const noSamples: Answer<RawSample> = { items: [], partial: null };

export interface RawAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Where it redirects to; empty: nowhere. */
  readonly location: string;
}

const busyStatuses = new Set([408, 429, 502, 503, 504]);

/** The data of an answer. Errors: `source-refused`, `source-not-prometheus`, `source-busy`, `source-query`. */
export function dataOf(answer: RawAnswer): { readonly data: unknown; readonly partial: string | null } {
  const { status, contentType, body } = answer;
  if (status === 401 || status === 403) throw failed('source-refused', `HTTP ${status}`);
  if (busyStatuses.has(status)) throw failed('source-busy', errorIn(body) ?? `HTTP ${status}`);
  if (status >= 300 && status < 400)
    throw failed('source-not-prometheus', `it redirects to ${plainText(withoutQuery(answer.location), 200)}`);
  // nginx asks for a certificate only after the handshake.
  const certificate = status === 400 ? /<title>400 (.*SSL certificate.*)<\/title>/i.exec(body)?.[1] : null;
  if (certificate != null) throw failed('source-refused', plainText(certificate, 200));
  if (contentType === 'text/html' || /^\s*<(?:!doctype|html)/i.test(body))
    throw failed(
      'source-not-prometheus',
      status === 200 ? 'a web page came back, as from a login page' : `HTTP ${status} with a web page`,
    );
  const parsed = parse(body);
  if (parsed === null) throw failed('source-not-prometheus', `HTTP ${status}, and no JSON`);
  if (parsed.status === 'success') return { data: parsed.data, partial: partialOf(parsed) };
  if (parsed.status !== 'error') throw failed('source-not-prometheus', `HTTP ${status}, and other JSON`);
  const detail = errorIn(body) ?? `HTTP ${status}`;
  const isBusy =
    parsed.errorType === 'timeout' || parsed.errorType === 'canceled' || parsed.errorType === 'unavailable';
  throw failed(isBusy ? 'source-busy' : 'source-query', detail);
}

/** The series of an instant query; a scalar is one without labels. Items that are no series are left out. */
export function samplesOf(data: unknown): readonly RawSample[] {
  const { resultType, result } = (data ?? {}) as { readonly resultType?: unknown; readonly result?: unknown };
  if (resultType === 'scalar' && isPoint(result)) return [{ metric: {}, value: result }];
  if (resultType !== 'vector' || !Array.isArray(result)) return [];
  return result.filter((item: unknown): item is RawSample => isLabelled(item) && isPoint(item.value));
}

/** The series of a range query, or of an instant one for a range of samples. */
export function seriesOf(data: unknown): readonly RawSeries[] {
  const { resultType, result } = (data ?? {}) as { readonly resultType?: unknown; readonly result?: unknown };
  if (resultType !== 'matrix' || !Array.isArray(result)) return [];
  return result.filter((item: unknown): item is RawSeries => isLabelled(item) && Array.isArray(item.values));
}

/** The number that a value says; null for NaN and the infinities, which mean that nothing is known. */
export function numberOf(text: string): number | null {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

function isPoint(value: unknown): value is readonly [number, string] {
  return Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'string';
}

function isLabelled(
  item: unknown,
): item is { readonly metric: Labels; readonly value?: unknown; readonly values?: unknown } {
  if (typeof item !== 'object' || item === null) return false;
  const { metric } = item as { readonly metric?: unknown };
  return typeof metric === 'object' && metric !== null && !Array.isArray(metric);
}

/** Thanos and Mimir warn; VictoriaMetrics says `isPartial`. Notes on the query alone (`infos`) mean nothing here. */
function partialOf({ warnings, isPartial }: Readonly<Record<string, unknown>>): string | null {
  const [first] = Array.isArray(warnings) ? warnings : [];
  // Prometheus warns about odd queries too, which takes nothing from the answer.
  const isAboutQuery = typeof first === 'string' && first.startsWith('PromQL ');
  if (first !== undefined && !isAboutQuery) return plainText(String(first), 200);
  return isPartial === true ? 'the server says that its answer is partial' : null;
}

function parse(body: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    // Whatever it is, it is not Prometheus.
    return null;
  }
}

/** What an answer says of its failure. */
function errorIn(body: string): string | null {
  const parsed = body.length > 100_000 ? null : parse(body);
  if (typeof parsed?.error !== 'string') return null;
  const type = typeof parsed.errorType === 'string' ? `${parsed.errorType}: ` : '';
  return plainText(`${type}${parsed.error}`, 300);
}

/** A query of an address may hold a session's secret. */
function withoutQuery(location: string): string {
  return location.replace(/[?#].*$/s, '');
}

function failed(
  code: 'source-refused' | 'source-not-prometheus' | 'source-busy' | 'source-query',
  detail: string,
): AppError {
  return new AppError(code, { step: 'probe', detail });
}
