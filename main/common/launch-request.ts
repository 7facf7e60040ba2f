/** What a person asks for when a model is to be served. */

import * as z from 'zod/mini';
import { launchNamePattern } from './launches.ts';

/** A year. */
export const mostLifetimeSeconds = 31_536_000;

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `30s`, `10m`, `2h`, `1d` in seconds; null for what is none, or is longer than {@link mostLifetimeSeconds}. */
export function parseLifetime(text: string): number | null {
  const [, count = '', unit = ''] = /^(\d+)([smhd])$/.exec(text.trim()) ?? [];
  const total = Number(count) * (secondsOf[unit] ?? 0);
  return total >= 1 && total <= mostLifetimeSeconds ? total : null;
}

const port = z.int().check(z.gte(1), z.lte(65_535));

/** One word of a command line: no control character has a use in one, and some shells end a line at them. */
const word = z.string().check(z.maxLength(4000), z.regex(/^\P{Cc}*$/u));
const filled = word.check(z.minLength(1));
/** What would be taken for an option. */
const named = filled.check(z.regex(/^[^-]/));

const launcher = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('auto') }),
  z.strictObject({ kind: z.literal('plain') }),
  z.strictObject({ kind: z.literal('conda'), environment: named }),
  z.strictObject({ kind: z.literal('venv'), folder: named }),
  z.strictObject({ kind: z.literal('uv') }),
  z.strictObject({ kind: z.literal('container'), image: named }),
]);

const gpus = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('count'),
    count: z.int().check(z.gte(0), z.lte(64)),
    minGiB: z.number().check(z.gte(0), z.lte(100_000)),
  }),
  z.strictObject({
    kind: z.literal('indices'),
    indices: z.array(z.int().check(z.gte(0), z.lte(1000))).check(z.minLength(1), z.maxLength(64)),
  }),
]);

/**
 * `hostId` null: the host that fits best. Without `remotePort`: the first free one from 8000. Without `gpus`: as many as the
 * arguments split the model over. A secret has no place in it: tokens come from the host's own environment.
 */
export const launchRequest = z.strictObject({
  hostId: z.nullable(z.string().check(z.minLength(1), z.maxLength(300))),
  model: named,
  name: z.optional(z.string().check(z.regex(launchNamePattern))),
  remotePort: z.optional(port),
  launcher,
  gpus: z.optional(gpus),
  args: z.array(word).check(z.maxLength(200)),
  env: z.record(z.string().check(z.regex(/^[A-Za-z_]\w{0,99}$/)), word),
  lifetimeSeconds: z.nullable(z.int().check(z.gte(1), z.lte(mostLifetimeSeconds))),
});

export type LaunchRequest = z.infer<typeof launchRequest>;

/** An argument, or a variable, that would carry a secret to where other users of the host can read it; null where none does. */
export function secretIn({ args, env }: Pick<LaunchRequest, 'args' | 'env'>): string | null {
  const variable = Object.keys(env).find((name) => /TOKEN|SECRET|PASSWORD|API_?KEY/i.test(name));
  const argument = args.find((arg) => /^--(?:api-key|hf-token|hf_token|token)(?:=|$)/.test(arg));
  const named = argument?.split('=')[0] ?? variable;
  if (named !== undefined) return named;
  const value = Object.entries(env).find(([, text]) => looksSecret(text))?.[0];
  return value ?? args.find(looksSecret)?.split(/[=_-]/)[0] ?? null;
}

/** The tokens of Hugging Face, of OpenAI's form, and of GitHub, wherever they stand. */
function looksSecret(text: string): boolean {
  return /\b(?:hf_[A-Za-z0-9]{30,}|sk-[\w-]{20,}|gh[pousr]_[A-Za-z0-9]{30,})/.test(text);
}

const splits = ['tensor-parallel-size', 'pipeline-parallel-size', 'data-parallel-size'] as const;
const shortSplits: Readonly<Record<string, (typeof splits)[number]>> = {
  '-tp': 'tensor-parallel-size',
  '-pp': 'pipeline-parallel-size',
  '-dp': 'data-parallel-size',
};

/** Over how many GPUs the arguments split the model; null where they do not say. */
export function splitOf(args: readonly string[]): number | null {
  const factors = args.flatMap((arg, at) => {
    const [flag = '', value = args[at + 1]] = arg.split('=', 2);
    const name = shortSplits[flag] ?? flag.replace(/^--/, '').replaceAll('_', '-');
    const factor = Number(value);
    return splits.some((split) => split === name) && Number.isInteger(factor) && factor > 0 ? [factor] : [];
  });
  return factors.length === 0 ? null : factors.reduce((product, factor) => product * factor, 1);
}
