/** The options that all faces share: what they are called, what they must be, and what they change. */

import type { Settings } from '#common/settings.ts';

export interface SharedOptions {
  /** Path of the SSH configuration; absent: the user's own. */
  readonly sshConfig?: string;
  /** Only hosts whose alias matches; absent: all. */
  readonly hostRegex?: RegExp;
  /** Only hosts of this group; absent: all. */
  readonly group?: string;
  /** Hosts at once, in place of the stored setting. */
  readonly limit?: number;
  /** Seconds to wait for a host, in place of the stored settings. */
  readonly timeout?: number;
  /** Show the demo cluster. */
  readonly demo?: boolean;
  /** The whole log, and not what matters to everyone. */
  readonly debug?: boolean;
}

/** An option that cannot be used as it was given: bad usage. Its message is one sentence. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

interface SharedOption<Value> {
  /** As it is written after the dashes. */
  readonly flag: string;
  /** What its value is called; null for a switch. */
  readonly value: string | null;
  readonly help: string;
  /** Reads the value. Throws {@link OptionError}, whose sentence says what it must be. */
  readonly read: (value: unknown) => Value;
}

type Name = keyof SharedOptions;

export const sharedOptions: { readonly [N in Name]-?: SharedOption<NonNullable<SharedOptions[N]>> } = {
  sshConfig: {
    flag: 'ssh-config',
    value: 'file',
    help: 'SSH configuration to read (default: ~/.ssh/config)',
    read: readText,
  },
  hostRegex: { flag: 'host-regex', value: 're', help: 'only hosts whose alias matches', read: readRegex },
  group: { flag: 'group', value: 'name', help: 'only hosts of this group', read: readText },
  limit: { flag: 'limit', value: 'n', help: 'hosts to ask at once (1 to 200)', read: wholeNumber(1, 200) },
  timeout: {
    flag: 'timeout',
    value: 's',
    help: 'seconds to wait for a host (0.5 to 300)',
    read: secondsWithin(0.5, 300),
  },
  demo: {
    flag: 'demo',
    value: null,
    help: 'use the demo cluster: simulated hosts on this computer',
    read: (value) => value === true,
  },
  debug: { flag: 'debug', value: null, help: 'print the log to stderr', read: (value) => value === true },
};

const names = Object.keys(sharedOptions) as readonly Name[];

/** What `parseArgs` of Node needs to know of them. */
export const sharedArguments: Readonly<Record<string, { readonly type: 'string' | 'boolean' }>> =
  Object.fromEntries(
    names.map((name) => {
      const { flag, value } = sharedOptions[name];
      return [flag, { type: value === null ? 'boolean' : 'string' } as const];
    }),
  );

/** Reads what `parseArgs` made of them, by flag. Throws {@link OptionError}, which names the option. */
export function readSharedOptions(values: Readonly<Record<string, unknown>>): SharedOptions {
  return Object.fromEntries(
    names.flatMap((name) => {
      const { flag, read } = sharedOptions[name];
      return values[flag] === undefined ? [] : [[name, readNamed<unknown>(flag, values[flag], read)]];
    }),
  );
}

/** Reads the value of an option by `read`; an {@link OptionError} of it then names the option and what was given. */
export function readNamed<Value>(flag: string, value: unknown, read: (value: unknown) => Value): Value {
  try {
    return read(value);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    const given = typeof value === 'string' && value !== '' ? ` ${value}` : '';
    throw new OptionError(`--${flag}${given}: ${error.message}`);
  }
}

/** Any text. A forgotten value would take the next option for it. */
export function readText(value: unknown): string {
  if (typeof value === 'string' && value !== '' && !value.startsWith('--')) return value;
  throw new OptionError('It needs a value.');
}

/** A reader of whole numbers from one to another, both included. */
export function wholeNumber(from: number, to: number): (value: unknown) => number {
  return (value) => {
    const text = readText(value);
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= from && number <= to) return number;
    throw new OptionError(`It must be a whole number from ${from} to ${to}.`);
  };
}

/** A reader of seconds, fractions too, from one number to another, both included. */
export function secondsWithin(from: number, to: number): (value: unknown) => number {
  return (value) => {
    const text = readText(value);
    const seconds = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && seconds >= from && seconds <= to) return seconds;
    throw new OptionError(`It must be a number of seconds from ${from} to ${to}.`);
  };
}

function readRegex(value: unknown): RegExp {
  const text = readText(value);
  try {
    return new RegExp(text);
  } catch {
    // The engine's own message repeats the pattern and adds nothing a user could act on.
    throw new OptionError('It must be a regular expression.');
  }
}

/** What the options say about the settings, on top of the stored ones. */
export function withOptions(settings: Settings, { limit, timeout }: SharedOptions): Settings {
  const timeoutMs = timeout === undefined ? null : timeout * 1000;
  return {
    ...settings,
    ...(limit !== undefined && { limits: { ...settings.limits, hosts: limit } }),
    ...(timeoutMs !== null && {
      timeouts: {
        connectMs: timeoutMs,
        probeMs: timeoutMs,
        firstProbeMs: timeoutMs,
        httpMs: Math.min(timeoutMs, 60_000),
      },
    }),
  };
}
