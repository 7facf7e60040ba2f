import { isAbsolute, resolve } from 'node:path';
import pLimit from 'p-limit';
import type { Endpoint } from '#common/hosts.ts';
import type { HostId } from '#common/ids.ts';
import { splitArguments } from '../ssh/config/config-lines.ts';
import { interpret, type OptionValues } from '../ssh/config/interpret.ts';
import { localUserName } from '../ssh/config/local-user.ts';
import type { Resolver } from '../ssh/config/resolve.ts';
import { serverKey } from '../ssh/config/resolved.ts';
import { parseOutput } from '../ssh/config/ssh-output.ts';
import { run } from '../ssh/io/child.ts';
import { unattended } from '../ssh/io/unattended.ts';
import { isOwnConfig } from '../ssh/system/own-config.ts';
import type { Store } from '../store.ts';
import { type ForwardSpec, readForwardSpec } from './forward-spec.ts';
import type { LocalProcess } from './local-process.ts';
import { folderOf, isSameProcess } from './process-list.ts';
import type { SshCommand } from './ssh-arguments.ts';

export interface DestinationsDeps {
  readonly store: Store;
  readonly resolver: Resolver;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

/** An ssh or autossh that runs on this computer. */
export interface SshProcess {
  readonly process: LocalProcess;
  readonly command: SshCommand;
}

export interface Destination {
  /** The host of the configuration that it leads to; null for any other one. */
  readonly hostId: HostId | null;
  /** What names no address listens at all of them (GatewayPorts). */
  readonly gatewayPorts: boolean;
  /** The forwards that the configuration adds to those of the command line. */
  readonly configured: readonly ForwardSpec[];
}

/** Says where ssh processes lead, as `ssh -G` says it of their options. */
export interface Destinations {
  /** Those of all these processes, in their order; what ssh said of others is forgotten. Never rejects. */
  of(processes: readonly SshProcess[]): Promise<readonly Destination[]>;
}

const timeoutMs = 5000;

interface Asked {
  readonly process: LocalProcess;
  /** Null when ssh did not say it. */
  readonly values: Promise<OptionValues | null>;
}

/** A process has read the configuration once, and ssh is asked about it once. */
export function createDestinations({ store, resolver, home, env }: DestinationsDeps): Destinations {
  const limit = pLimit(store.current().settings.limits.configReads);
  const localUser = localUserName(env);
  let asked: readonly Asked[] = [];

  /** What the app starts ssh with stands for the configuration of the app, and is gone once it was read. */
  const configFileOf = ({ configFile }: SshCommand): string | null =>
    configFile !== null && isOwnConfig(configFile) ? (store.current().source.configFile ?? null) : configFile;

  const ask = async ({ process, command }: SshProcess): Promise<OptionValues | null> => {
    const { options, destination } = command;
    const configFile = configFileOf(command);
    const folder = configFile === null || isAbsolute(configFile) ? '/' : await folderOf(process);
    // It means a file in the folder of the process, and which that is is unknown.
    if (folder === null) return null;
    const config =
      configFile === null ? [] : ['-F', configFile === 'none' ? 'none' : resolve(folder, configFile)];
    const args = ['-T', ...config, '-G', ...options, '--', destination];
    return parseOutput(await limit(() => run('ssh', args, { env: unattended(env), timeoutMs })));
  };

  const valuesOf = (one: SshProcess): Asked =>
    asked.find(({ process }) => isSameProcess(process, one.process)) ?? {
      process: one.process,
      values: ask(one),
    };

  const hostOf = async ({ command }: SshProcess, values: OptionValues | null): Promise<HostId | null> => {
    const { destination, options } = command;
    const configFile = configFileOf(command);
    const { hosts, source } = store.current();
    if (values === null) {
      const isPlain = options.length === 0 && (configFile === null || configFile === source.configFile);
      return (isPlain && hosts.find(({ id }) => id === destination)?.id) || null;
    }
    const target = interpret(destination, values, { home, env, localUser });
    const isThere = ({ hostname, port, user }: Endpoint): boolean =>
      hostname === target.hostname && port === target.port && user === target.user;
    const named = hosts.find(({ id }) => id === destination);
    const others = hosts.filter((host) => host !== named && host.endpoint !== null && isThere(host.endpoint));
    for (const { id } of named === undefined ? others : [named, ...others]) {
      const host = await resolver.resolve(id).catch(() => null);
      // One address may mean several machines, each behind a jump host of its own; a name means one, whatever the way.
      if (host !== null && isThere(host) && (id === destination || serverKey(host) === serverKey(target)))
        return id;
    }
    return null;
  };

  return {
    async of(processes) {
      const known = processes.map(valuesOf);
      asked = known;
      return await Promise.all(
        processes.map(async (one, at) => {
          const values = (await known[at]?.values) ?? null;
          const [gateway] = values?.get('gatewayports') ?? [];
          return {
            hostId: await hostOf(one, values),
            gatewayPorts: gateway === undefined ? one.command.gatewayPorts === true : gateway === 'yes',
            configured: configuredForwards(values),
          };
        }),
      );
    },
  };
}

/** `localforward 8000 [localhost]:9000`, `localforward [::1]:8000 [::1]:9000`, one line each. */
function configuredForwards(values: OptionValues | null): readonly ForwardSpec[] {
  return (values?.get('localforward') ?? []).flatMap((value) => {
    const reading = readForwardSpec(splitArguments(value)?.join(':') ?? '');
    return reading.kind === 'ports' ? reading.spec : [];
  });
}
