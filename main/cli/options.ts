import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Settings } from '#common/settings.ts';

/** The options that every command has, as commander hands them over. */
export interface CommonOptions {
  readonly sshConfig?: string;
  readonly hostRegex?: RegExp;
  /** Hosts at once. */
  readonly limit?: number;
  readonly timeout?: number;
  readonly debug?: true;
  readonly demo?: true;
  readonly login?: true;
  readonly json?: true;
}

export function addCommonOptions(command: Command): Command {
  return command
    .option('--ssh-config <file>', 'SSH configuration to read (default: ~/.ssh/config)')
    .addOption(new Option('--host-regex <re>', 'only hosts whose alias matches').argParser(parseRegex))
    .addOption(new Option('--limit <n>', 'hosts to ask at once (1 to 200)').argParser(wholeNumber(1, 200)))
    .addOption(new Option('--timeout <s>', 'seconds to wait for a host (0.5 to 300)').argParser(parseSeconds))
    .option('--demo', 'use the demo cluster: simulated hosts on this computer')
    .option('--login', 'ask at the terminal for passphrases, passwords, codes and unknown host keys')
    .option('--json', 'print one JSON object')
    .option('--debug', 'print the log to stderr');
}

/** What the options say about the settings, on top of the stored ones. */
export function withOptions(settings: Settings, { limit, timeout }: CommonOptions): Settings {
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

export const parsePort = wholeNumber(1, 65_535);

export function parsePorts(text: string): readonly number[] {
  return [...new Set(text.split(',').map((part) => parsePort(part.trim())))];
}

/** `16100-16199`: both ends included. */
export function parsePortRange(text: string): Settings['localPorts'] {
  const [from = '', to = '', ...rest] = text.split('-');
  const range = { from: parsePort(from.trim()), to: parsePort(to.trim()) };
  if (rest.length === 0 && range.from <= range.to) return range;
  throw new InvalidArgumentError('It must be two ports, such as 16100-16199.');
}

function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds >= 0.5 && seconds <= 300) return seconds;
  throw new InvalidArgumentError('It must be a number of seconds from 0.5 to 300.');
}

function parseRegex(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    // The engine's own message repeats the pattern and adds nothing a user could act on.
    throw new InvalidArgumentError('It must be a regular expression.');
  }
}
