import { type Command, InvalidArgumentError, Option } from 'commander';
import { OptionError, type SharedOptions, secondsWithin, sharedOptions, wholeNumber } from '#app/options.ts';
import { type ForwardTarget, readForwardTarget } from '#common/forward-target.ts';
import { isSourceUrl, newPrometheusSource } from '#common/prometheus.ts';
import type { Settings } from '#common/settings.ts';

/** The options that every command has, as commander hands them over. */
export interface CommonOptions extends SharedOptions {
  readonly login?: true;
  readonly json?: true;
}

export type CommonName = keyof CommonOptions;

const names = Object.keys(sharedOptions) as readonly (keyof SharedOptions)[];

interface ShownOptions {
  readonly applies?: readonly CommonName[];
  /** In place of the usual words of an option. */
  readonly words?: Readonly<Partial<Record<CommonName, string>>>;
}

/** Adds all of them, and shows those that apply (default: all): the others are taken too, and change nothing. */
export function addCommonOptions(command: Command, { applies, words }: ShownOptions = {}): Command {
  const add = (name: CommonName, option: Option): void => {
    option.description = words?.[name] ?? option.description;
    command.addOption(option.hideHelp(applies?.includes(name) === false));
  };
  for (const name of names) {
    const { flag, value, help, read } = sharedOptions[name];
    if (value === null) add(name, new Option(`--${flag}`, help));
    else add(name, new Option(`--${flag} <${value}>`, help).argParser(reader<unknown>(read)));
  }
  const login = 'ask at the terminal for passphrases, passwords, codes and unknown host keys';
  add('login', new Option('--login', login));
  add('json', new Option('--json', 'print one JSON object'));
  return command;
}

/** What a live screen is drawn by. */
export interface TopOptions {
  /** Seconds between two measurements. */
  readonly refresh: number;
  /** How many measurements a graph shows. */
  readonly history: number;
}

/** The variable with the token for them: an argument would be seen by others. */
export const prometheusToken = 'VLLM_TRAY_PROMETHEUS_TOKEN';

/** Sources beside SSH, for commands that scan; each time it is given adds one. */
export function prometheusOption(): Option {
  return new Option(
    '--prometheus <url>',
    `read this Prometheus too, or ssh://HOST:9090 through that host (repeatable; a token in ${prometheusToken})`,
  ).argParser((text: string, before: readonly string[] | undefined) => {
    if (!isSourceUrl(text))
      throw new InvalidArgumentError(
        'It must be http://HOST:PORT/PREFIX or ssh://HOST:PORT, without a password.',
      );
    return [...(before ?? []), text];
  });
}

/** The settings with these sources in place of the stored ones, which are those of the window. */
export function withSources(
  urls: readonly string[],
  env: NodeJS.ProcessEnv,
): (settings: Settings) => Settings {
  const login = env[prometheusToken] === undefined ? 'none' : 'bearer';
  const prometheus = [...new Set(urls)].map(
    (url, at) => ({ ...newPrometheusSource(`option-${at}`, url), login }) as const,
  );
  return (settings) => ({ ...settings, prometheus });
}

/** Adds the options of a screen that shows the hosts again and again; `refreshS` is how often where nothing is said. */
export function addTopOptions(command: Command, refreshS: number): Command {
  const refresh = new Option('--refresh <s>', 'seconds between two measurements (0.1 to 3600)');
  const history = new Option('--history <n>', 'measurements that a graph shows (1 to 500)');
  return command
    .option('--once', 'measure once and end')
    .addOption(refresh.argParser(reader(secondsWithin(0.1, 3600))).default(refreshS))
    .addOption(history.argParser(reader(wholeNumber(1, 500))).default(30));
}

/** The settings with the pace of these options. */
export function withPace({ refresh }: TopOptions): (settings: Settings) => Settings {
  return (settings) => ({ ...settings, cadence: { ...settings.cadence, gpusMs: refresh * 1000 } });
}

export const parsePort = reader(wholeNumber(1, 65_535));

/** `8000`, `node7:8000`, `/run/vllm.sock`. */
export function parseForwardTarget(text: string): ForwardTarget {
  const target = readForwardTarget(text);
  if (target !== null) return target;
  throw new InvalidArgumentError(
    `${text === '' ? 'A target' : text} must be a port from 1 to 65535, HOST:PORT for a machine beyond the host, or the path of a socket.`,
  );
}

export interface ForwardPlace {
  readonly host: string;
  readonly target: ForwardTarget;
}

/** `HOST TARGET`, or one or several `HOST:TARGET`. Errors: InvalidArgumentError. */
export function parseForwardPlaces(words: readonly string[]): readonly ForwardPlace[] {
  const [host = '', target, ...others] = words;
  if (!host.includes(':') && target !== undefined && others.length === 0)
    return [{ host, target: parseForwardTarget(target) }];
  return words.map((word) => {
    const colon = word.indexOf(':');
    if (colon === 0) throw new InvalidArgumentError(`The host before ${word} is missing.`);
    if (colon > 0) return { host: word.slice(0, colon), target: parseForwardTarget(word.slice(colon + 1)) };
    throw new InvalidArgumentError(
      words.length === 1
        ? `What of ${word}? A port such as ${word}:8000 is missing.`
        : `${word} must be HOST:TARGET, such as ${word}:8000, where there are several.`,
    );
  });
}

export function parsePorts(text: string): readonly number[] {
  const ports = text.split(',').map(portIn);
  if (ports.every((port) => port !== null)) return [...new Set(ports)];
  throw new InvalidArgumentError('It must be ports from 1 to 65535, such as 8000,8001.');
}

/** The ports of hosts to ask; without it every one that is found to listen. */
export function portsOption(): Option {
  return new Option('--remote-port <ports>', 'check only these ports, for example 8000,8001').argParser(
    parsePorts,
  );
}

/** `16100-16199`: both ends included. */
export function parsePortRange(text: string): Settings['localPorts'] {
  const [from = null, to = null, ...rest] = text.split('-').map(portIn);
  if (from !== null && to !== null && from <= to && rest.length === 0) return { from, to };
  throw new InvalidArgumentError('It must be two ports from 1 to 65535, such as 16100-16199.');
}

/** Null: it is none. */
function portIn(text: string): number | null {
  const port = Number(text);
  return /^\s*\d+\s*$/.test(text) && port >= 1 && port <= 65_535 ? port : null;
}

/** The same for commander, which names the option and what was given. */
function reader<Value>(read: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return read(text);
    } catch (error) {
      throw error instanceof OptionError ? new InvalidArgumentError(error.message) : error;
    }
  };
}
