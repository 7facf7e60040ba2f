/** The host end of the contract: a raw request becomes a Reply, whatever it contains and whatever the handler throws. */

import * as z from 'zod/mini';
import { contract, type Handlers, isCallName } from './contract.ts';
import { AppError, type ErrorCode, toFailure } from './failure.ts';
import { plainText } from './text.ts';

export interface ReplyError {
  readonly code: ErrorCode;
  readonly detail: string;
}

export type Reply<Value = unknown> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: ReplyError };

/**
 * Parses the input by the contract, runs the handler and wraps its result. Never rejects.
 * An unknown name or an input of the wrong shape is answered with `bad-request`.
 */
export async function answer(handlers: Handlers, name: unknown, rawInput: unknown): Promise<Reply> {
  if (!isCallName(name)) return refuse('bad-request', `no call named ${plainText(String(name), 80)}`);
  const parsed = z.safeParse(contract.calls[name].input, rawInput ?? {});
  if (!parsed.success)
    return refuse('bad-request', `${name}: ${plainText(z.prettifyError(parsed.error), 300)}`);
  try {
    // The schema of this very call has just accepted the input, which the compiler cannot follow through the union.
    const handler = handlers[name] as (input: unknown) => unknown;
    const value = await handler(parsed.data);
    // Null is what JSON has for nothing; whatever else a handler returns stays here.
    return { ok: true, value: contract.calls[name].isVoid ? null : value };
  } catch (error) {
    if (error instanceof AppError) return refuse(error.code, error.detail);
    return refuse('internal', plainText(toFailure(error, 'connect').detail, 300));
  }
}

function refuse(code: ErrorCode, detail: string): Reply {
  return { ok: false, error: { code, detail } };
}
