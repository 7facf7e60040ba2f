/** The options of `serve` and `launch`, and what they ask the engine for. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { OptionError, secondsWithin, wholeNumber } from '#app/options.ts';
import { type LaunchRequest, launchRequest, parseLifetime } from '#common/launch-request.ts';
import type { GpuWish } from '#common/launches.ts';
import type { Settings } from '#common/settings.ts';
import { type CommonOptions, parsePort, parsePortRange } from './options.ts';

export interface ServeOptions extends Omit<CommonOptions, 'timeout'> {
  readonly server: string;
  readonly timeout: number;
  readonly condaEnv?: string;
  readonly venv?: string;
  readonly uv?: true;
  readonly container?: string;
  readonly localRange?: Settings['localPorts'];
  readonly lifetime?: number;
  readonly tensorParallelSize?: number;
  readonly remotePort?: number;
  readonly gpus?: GpuWish;
  readonly minGib?: number;
  readonly env: Readonly<Record<string, string>>;
  readonly name?: string;
}

/** As commander wants it: what the reader refuses names the option and what was given. */
const by =
  <Value>(read: (text: string) => Value) =>
  (text: string): Value => {
    try {
      return read(text);
    } catch (error) {
      throw error instanceof OptionError ? new InvalidArgumentError(error.message) : error;
    }
  };

/** `30s`, `10m`, `2h`, `1d` in seconds. */
export const parseLifetimeOption = by((text) => {
  const total = parseLifetime(text);
  if (total !== null) return total;
  throw new OptionError('It must be a time such as 30s, 10m, 2h or 1d, of at most 365d.');
});

/** `2`: that many; `0,3`: those; `0,`: that one. */
const parseGpus = by((text): GpuWish => {
  if (/^\d+$/.test(text)) return { kind: 'count', count: wholeNumber(0, 64)(text), minGiB: 0 };
  const numbers = text.split(',').filter((part, at, all) => part !== '' || at < all.length - 1);
  if (numbers.length > 0 && numbers.every((part) => /^\d{1,4}$/.test(part)))
    return { kind: 'indices', indices: [...new Set(numbers.map(Number))] };
  throw new OptionError('It must be how many (2), or which ones (0,3; one alone: 0,).');
});

function addVariable(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new InvalidArgumentError('It must be NAME=VALUE.');
}

/** Gives an option of the command a default: commander reads that of an {@link Option} only as it is added. */
export function withDefault(command: Command, flag: string, value: unknown): Option | undefined {
  const option = command.options.find(({ long }) => long === flag)?.default(value);
  if (option !== undefined) command.setOptionValueWithSource(option.attributeName(), value, 'default');
  return option;
}

/** Adds the options of serving to a command that has the common ones. */
export function addServeOptions(command: Command): Command {
  const option = (flags: string, help: string): Option => new Option(flags, help);
  withDefault(command, '--timeout', 600)?.argParser(by(secondsWithin(1, 86_400)));
  return command
    .addOption(option('--server <host>', 'where to serve: an alias, or auto').makeOptionMandatory())
    .addOption(option('--gpus <gpus>', 'how many free GPUs (2), or which ones (0,3)').argParser(parseGpus))
    .addOption(option('--min-gib <gib>', 'least memory of each GPU').argParser(by(wholeNumber(0, 100_000))))
    .addOption(
      option('--remote-port <n>', 'port on the host (default: the first free one from 8000)').argParser(
        parsePort,
      ),
    )
    .addOption(
      option('--tensor-parallel-size <n>', 'over how many GPUs each layer is split').argParser(
        by(wholeNumber(1, 64)),
      ),
    )
    .addOption(
      option('--lifetime <time>', 'ends on the host after 30s, 10m, 2h or 1d').argParser(parseLifetimeOption),
    )
    .addOption(
      option(
        '--conda-env <name>',
        'environment of conda (default: vllm_env where there is one, else the vllm in PATH)',
      ).conflicts(['venv', 'uv', 'container']),
    )
    .addOption(option('--venv <folder>', 'virtual environment on the host').conflicts(['uv', 'container']))
    .addOption(option('--uv', 'run vllm by uv').conflicts('container'))
    .addOption(option('--container <image>', 'run this image by docker or podman'))
    .addOption(
      option('--env <name=value>', 'variable for vllm; may be repeated')
        .argParser(addVariable)
        .default({}, 'none'),
    )
    .addOption(option('--name <name>', 'of the launch and its tmux session (default: vllmctl_server_PORT)'))
    .addOption(
      option('--local-range <ports>', 'local ports to take, such as 16100-16199').argParser(parsePortRange),
    );
}

function launcherOf({ condaEnv, venv, uv, container }: ServeOptions): LaunchRequest['launcher'] {
  if (condaEnv !== undefined) return { kind: 'conda', environment: condaEnv };
  if (venv !== undefined) return { kind: 'venv', folder: venv };
  if (uv) return { kind: 'uv' };
  return container === undefined ? { kind: 'auto' } : { kind: 'container', image: container };
}

/** What the options ask for. Errors: {@link OptionError} for what no host could be asked. */
export function requestOf(model: string, args: readonly string[], options: ServeOptions): LaunchRequest {
  if (model.startsWith('-')) throw new OptionError('MODEL comes before the arguments for vllm.');
  const { server, tensorParallelSize: split, remotePort, gpus, minGib = 0, env, name, lifetime } = options;
  const wish = gpus ?? (minGib === 0 ? undefined : { kind: 'count' as const, count: split ?? 1, minGiB: 0 });
  const request: LaunchRequest = {
    hostId: server === 'auto' ? null : server,
    model,
    ...(name !== undefined && { name }),
    ...(remotePort !== undefined && { remotePort }),
    launcher: launcherOf(options),
    ...(wish !== undefined && {
      gpus: wish.kind === 'count' ? { ...wish, minGiB: minGib } : { ...wish, indices: [...wish.indices] },
    }),
    args: [...(split === undefined ? [] : ['--tensor-parallel-size', String(split)]), ...args],
    env,
    lifetimeSeconds: lifetime ?? null,
  };
  const { error } = launchRequest.safeParse(request);
  if (error === undefined) return request;
  const [issue] = error.issues;
  throw new OptionError(mustBe[issue?.path[0] as keyof LaunchRequest]);
}

const notAnOption = 'must begin with something other than -, and have no control character';

/** What is refused of each part by the request alone, after the options that make it. */
const mustBe: Readonly<Record<keyof LaunchRequest, string>> = {
  hostId: '--server must be an alias of at most 300 letters, or auto.',
  model: `MODEL must be a name or a path. It ${notAnOption}.`,
  name: '--name must be at most 64 letters of A-Z, a-z, 0-9, _ and -, of which - is not the first.',
  remotePort: '--remote-port must be a port from 1 to 65535.',
  launcher: `What --conda-env, --venv and --container name ${notAnOption}.`,
  gpus: '--gpus must be how many (2, at most 64), or which ones (0,3), from 0 to 1000.',
  args: 'The arguments for vllm must be at most 200, without control characters.',
  env: '--env must be NAME=VALUE, with a NAME of at most 100 letters, digits and _ that begins with no digit, and no control character.',
  lifetimeSeconds: '--lifetime must be a time of at most 365d.',
};
