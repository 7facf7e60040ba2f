import { homedir } from 'node:os';
import path from 'node:path';
import { type OpenedEngine, openEngine } from '#app/open-engine.ts';
import type { SharedOptions } from '#app/options.ts';
import type { Log } from '#engine/diagnostics/log.ts';
import type { SecretStore } from '#engine/secrets/prompts.ts';
import { startDemoCluster } from '../demo/cluster.ts';
import { withLoginShell } from './login-shell.ts';
import type { SettingsStore } from './settings-store.ts';

/** Opens the engine as the desktop does: with its settings and keyring, and with the environment of the login shell. */
export async function openDesktopEngine(
  options: SharedOptions,
  store: Pick<SettingsStore, 'path' | 'settings' | 'problems' | 'save' | 'follow' | 'settle'>,
  { log, secrets }: { readonly log: Log; readonly secrets: SecretStore | null },
): Promise<OpenedEngine> {
  const opened = await openEngine(options, {
    settings: store.settings,
    settingsProblems: store.problems,
    settingsFile: store.path,
    saveSettings: store.save,
    followSettings: store.follow,
    dataFolder: path.dirname(store.path),
    log,
    secrets,
    home: homedir(),
    // The same for every program: ssh, ProxyCommand, Match exec, tmux.
    env: ({ kind }) => (kind === 'demo' ? process.env : withLoginShell(process.env)),
    startDemo: startDemoCluster,
    withoutHosts: 'demo',
  });
  return {
    ...opened,
    async dispose() {
      await opened.dispose();
      await store.settle();
    },
  };
}
