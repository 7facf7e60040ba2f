/** Handlers and inputs for every call of the contract, made from the contract: a new call needs no line here. */

import * as z from 'zod/mini';
import { type CallInput, type CallName, callNames, contract, type Handlers } from '#common/contract.ts';

/** What a double notes of a call. */
export type Note = <Name extends CallName>(name: Name, input: CallInput<Name>) => void;

export interface DoubleOptions {
  /** Hears of every call, with its parsed input. */
  readonly note?: Note;
  /** What the calls answer that a suite cares for. */
  readonly answers?: Partial<Handlers>;
  /** What all others answer whose answer is a value; default: an error, so that a test which needs one says so. */
  readonly otherwise?: (name: CallName) => unknown;
}

/** A handler for every call; one whose answer says no more than that it is done does nothing. */
export function doubleHandlers({
  note = () => undefined,
  answers = {},
  otherwise = unanswered,
}: DoubleOptions): Handlers {
  const handlerOf = <Name extends CallName>(name: Name) => {
    const own = answers[name];
    return (input: CallInput<Name>): unknown => {
      note(name, input);
      if (own !== undefined) return own(input);
      return contract.calls[name].isVoid ? undefined : otherwise(name);
    };
  };
  // The compiler cannot follow one handler per name through a list of names.
  return Object.fromEntries(callNames.map((name) => [name, handlerOf(name)])) as unknown as Handlers;
}

function unanswered(name: CallName): never {
  throw new Error(`the double has no answer to ${name}`);
}

/**
 * Inputs that a call accepts, from its schema: the least of it, and one with every optional field. Throws where the schema
 * asks for more than its JSON form tells.
 */
export function inputsOf(name: CallName): readonly unknown[] {
  const { input } = contract.calls[name];
  const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Schema;
  const [least, full] = [sampleOf(schema, false), sampleOf(schema, true)];
  for (const sample of [least, full]) {
    const parsed = z.safeParse(input, sample);
    if (!parsed.success)
      throw new Error(`no input for ${name}: ${JSON.stringify(sample)}\n${z.prettifyError(parsed.error)}`);
  }
  return [least, full];
}

/** The part of JSON Schema that the inputs of the contract are made of. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly minimum?: number;
}

function sampleOf(schema: Schema, full: boolean): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [kind] = schema.anyOf ?? schema.oneOf ?? [];
  if (kind !== undefined) return sampleOf(kind, full);
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([key]) => full || schema.required?.includes(key))
          .map(([key, value]) => [key, sampleOf(value, full)]),
      );
    case 'array': {
      const length = Math.max(schema.minItems ?? 0, full ? 1 : 0);
      return Array.from({ length }, () => sampleOf(schema.items ?? {}, full));
    }
    case 'string':
      return 'x'.repeat(schema.minLength ?? 1);
    case 'number':
    case 'integer':
      return Math.max(schema.minimum ?? 0, 0);
    case 'boolean':
      return full;
    default:
      return null;
  }
}
