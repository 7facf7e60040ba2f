import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '#common/settings.ts';
import type { Source } from '#common/snapshot.ts';
import { createEngine, type Engine } from '#engine/engine.ts';
import type { EngineDeps } from '#engine/parts.ts';
import { readAliases } from '#engine/ssh/config/config.ts';
import { OptionError, type SharedOptions, withOptions } from './options.ts';
import { openSource, type StartDemo } from './source.ts';

type OwnDeps = Pick<
  EngineDeps,
  | 'settings'
  | 'settingsProblems'
  | 'settingsFile'
  | 'saveSettings'
  | 'followSettings'
  | 'dataFolder'
  | 'home'
  | 'log'
  | 'secrets'
  | 'ownPorts'
  | 'remotePorts'
  | 'tmuxPrefix'
  | 'strictRange'
>;

/** What a face opens the engine with. The settings are the stored ones; the options stand above them and are never stored. */
export interface OpenEngineDeps extends OwnDeps {
  /** The environment of the programs that the engine runs, by where the hosts come from. */
  readonly env: (source: Source) => NodeJS.ProcessEnv | Promise<NodeJS.ProcessEnv>;
  readonly startDemo: StartDemo;
  /** What is opened where no host is configured: a person has something to see, a script must not get simulated hosts. */
  readonly withoutHosts: 'demo' | 'nothing';
  /** What the face's own options say about the settings, above the shared ones. */
  readonly change?: ((settings: Settings) => Settings) | undefined;
}

export interface OpenedEngine {
  readonly engine: Engine;
  readonly source: Source;
  /** Closes the engine, then what its hosts come from. */
  dispose(): Promise<void>;
}

/**
 * Opens an engine on the hosts that the options name, none of them listed yet. Errors: {@link OptionError} for an SSH
 * configuration that was named and cannot be read; those of the demo cluster.
 */
export async function openEngine(options: SharedOptions, deps: OpenEngineDeps): Promise<OpenedEngine> {
  const { env, startDemo, withoutHosts, change = (settings) => settings, ...engineDeps } = deps;
  const { home, log, settings, followSettings } = engineDeps;
  const sshConfigPath = configPath(options, home);
  if (options.sshConfig !== undefined && !(await isReadable(sshConfigPath)))
    throw new OptionError(`--ssh-config: ${sshConfigPath} cannot be read.`);
  const opened = await openSource({
    sshConfigPath,
    home,
    demo: options.demo === true,
    hasHosts: async () =>
      withoutHosts === 'nothing' || (await readAliases(sshConfigPath, { home })).aliases.length > 0,
    startDemo,
    log,
  });
  const adjusted = (stored: Settings): Settings => change(withOptions(stored, options));
  const engine = createEngine({
    ...engineDeps,
    source: opened.source,
    sshConfigPath: opened.sshConfigPath,
    settings: adjusted(settings),
    ...(followSettings && { followSettings: (take) => followSettings((stored) => take(adjusted(stored))) }),
    env: await env(opened.source),
    hostRegex: options.hostRegex,
    group: options.group,
  });
  return {
    engine,
    source: opened.source,
    async dispose() {
      await engine.dispose();
      await opened.dispose();
    },
  };
}

/** The absolute path of the SSH configuration that the options name, or of the user's own. */
export function configPath({ sshConfig }: SharedOptions, home: string): string {
  return path.resolve(sshConfig ?? path.join(home, '.ssh', 'config'));
}

async function isReadable(file: string): Promise<boolean> {
  return access(file, constants.R_OK)
    .then(() => stat(file))
    .then(
      (found) => !found.isDirectory(),
      () => false,
    );
}
