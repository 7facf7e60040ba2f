/** Where the app's hosts come from: the user's SSH configuration, or the demo cluster where there is none in it. */

import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Source } from '#common/model.ts';
import { type DemoLog, startDemoCluster } from './cluster.ts';

export interface SourceOptions {
  /** The configuration that the user has or names; it need not exist. */
  readonly sshConfigPath: string;
  /** Take the demo cluster whatever the configuration says. */
  readonly demo: boolean;
  /** Whether the configuration names at least one host. */
  readonly hasHosts: () => Promise<boolean>;
  readonly log?: DemoLog;
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
  const { sshConfigPath, log } = options;
  if (!options.demo && (await options.hasHosts()))
    return {
      source: { kind: 'ssh-config', path: sshConfigPath, ...named(sshConfigPath) },
      sshConfigPath,
      dispose: async () => undefined,
    };
  const cluster = await startDemoCluster(log === undefined ? {} : { log });
  const configFile = cluster.sshConfigPath;
  return { source: { kind: 'demo', configFile }, sshConfigPath: configFile, dispose: cluster.dispose };
}

/** ssh reads the configuration in the home directory by itself. */
function named(path: string): { configFile?: string } {
  return path === join(homedir(), '.ssh', 'config') ? {} : { configFile: path };
}
