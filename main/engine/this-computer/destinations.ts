import { isAbsolute, resolve } from 'node:path';
import pLimit from 'p-limit';
import type { Endpoint, HostId } from '#common/model.ts';
import { run } from '../ssh/child.ts';
import { splitArguments } from '../ssh/config-lines.ts';
import { interpret, type OptionValues } from '../ssh/interpret.ts';
import { localUserName, parseOutput, type Resolver } from '../ssh/resolve.ts';
import { serverKey } from '../ssh/resolved.ts';
import type { Store } from '../store.ts';
import { type ForwardSpec, readForwardSpec } from './forward-spec.ts';
import { folderOf, isSameProcess, type LocalProcess } from './process-list.ts';
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

  const ask = async ({ process, command }: SshProcess): Promise<OptionValues | null> => {
    const { configFile, options, destination } = command;
    const folder = configFile === null || isAbsolute(configFile) ? '/' : await folderOf(process);
    // It means a file in the folder of the process, and nobody tells which that is.
    if (folder === null) return null;
    const config =
      configFile === null ? [] : ['-F', configFile === 'none' ? 'none' : resolve(folder, configFile)];
    const args = ['-T', ...config, '-G', ...options, '--', destination];
    return parseOutput(await limit(() => run('ssh', args, { env, timeoutMs })));
  };

  const valuesOf = (one: SshProcess): Asked =>
    asked.find(({ process }) => isSameProcess(process, one.process)) ?? {
      process: one.process,
      values: ask(one),
    };

  const hostOf = async ({ command }: SshProcess, values: OptionValues | null): Promise<HostId | null> => {
    const { destination, configFile, options } = command;
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
          return { hostId: await hostOf(one, values), configured: configuredForwards(values) };
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
