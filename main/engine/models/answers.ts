/** What several kinds of servers answer alike beside their list. Nothing here throws but where it says so. Pure. */

import * as z from 'zod/mini';
import { AppError, toFailure } from '#common/failure.ts';
import type { ServerState } from '#common/servers.ts';
import { plainText } from '#common/text.ts';
import type { HttpAnswer } from './http.ts';
import { isNone } from './python.ts';

/** Asks for one more path; null where that is not answered, which is no failure of a server that has given its list. */
export type Ask = (path: string) => Promise<HttpAnswer | null>;

export const up: ServerState = { kind: 'up' };
export const starting: ServerState = { kind: 'starting' };

export function failedState(error: AppError): ServerState {
  return { kind: 'failed', failure: toFailure(error, 'models') };
}

/** The error for an answer with a status that no model server in order gives here. */
export function badStatus({ status, body }: HttpAnswer): AppError {
  const detail = plainText(`status ${status} ${body}`, 200);
  return new AppError(status >= 500 ? 'server-error' : 'server-not-openai', { step: 'models', detail });
}

/** The body of a `200`, else nothing. */
export function okBody(answer: HttpAnswer | null): string {
  return answer?.status === 200 ? answer.body : '';
}

/** Whether `/health` answers `503`: an engine that is not there yet, or no more. */
export async function isUnavailable(ask: Ask): Promise<boolean> {
  return (await ask('/health'))?.status === 503;
}

/** Reads `{"version":"0.8.4"}`, as `GET /version` of several servers answers; null for anything else. */
export function parseVersion(body: string): string | null {
  return cleanVersion(readJson(z.object({ version: z.string() }), body)?.version ?? '');
}

export function cleanVersion(raw: string): string | null {
  return isNone(raw) ? null : plainText(raw, 60) || null;
}

/** Whether a refusal is in the form of OpenAI's, as every engine answers: `{"error":...}`. */
export function isOpenAiError(body: string): boolean {
  const error = readJson(z.object({ error: z.unknown() }), body)?.error;
  return typeof error === 'string' || (typeof error === 'object' && error !== null);
}

/** What the body says where it is JSON of that shape; null where it is something else, as another server's page. */
export function readJson<Schema extends z.ZodMiniType>(schema: Schema, body: string): z.infer<Schema> | null {
  try {
    const parsed = schema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : null;
  } catch {
    // Not JSON.
    return null;
  }
}
