/** Where the app's hosts come from: the user's SSH configuration, or the demo cluster. */

import { join } from 'node:path';
import type { Source } from '#common/snapshot.ts';
import type { Log } from '#engine/diagnostics/log.ts';

/** A demo cluster that runs. */
export interface Demo {
  readonly sshConfigPath: string;
  /** Ends it. Safe to call twice. */
  dispose(): Promise<void>;
}

export type StartDemo = (options: { readonly log: Log }) => Promise<Demo>;

export interface SourceOptions {
  /** The configuration that the user has or names; it need not exist. */
  readonly sshConfigPath: string;
  /** The user's home directory, in which ssh finds a configuration without being given its name. */
  readonly home: string;
  /** Take the demo cluster whatever the configuration says. */
  readonly demo: boolean;
  /** Whether the configuration names at least one host. */
  readonly hasHosts: () => Promise<boolean>;
  readonly startDemo: StartDemo;
  readonly log: Log;
}

export interface OpenSource {
  readonly source: Source;
  /** The configuration to read: the given one, or the demo cluster's. */
  readonly sshConfigPath: string;
  /** Ends the demo cluster, if it was started. Safe to call twice. */
  dispose(): Promise<void>;
}

/** Starts the demo cluster when asked to or when no host is configured. Rejects with what `hasHosts` or the cluster rejects. */
export async function openSource(options: SourceOptions): Promise<OpenSource> {
  const { sshConfigPath, home, log } = options;
  if (!options.demo && (await options.hasHosts())) {
    const isUsual = sshConfigPath === join(home, '.ssh', 'config');
    return {
      source: {
        kind: 'ssh-config',
        path: sshConfigPath,
        ...(!isUsual && { configFile: sshConfigPath }),
      },
      sshConfigPath,
      dispose: async () => undefined,
    };
  }
  const cluster = await options.startDemo({ log });
  const configFile = cluster.sshConfigPath;
  return { source: { kind: 'demo', configFile }, sshConfigPath: configFile, dispose: cluster.dispose };
}
