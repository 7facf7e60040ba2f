import { homedir } from 'node:os';
import path from 'node:path';
import { createEngine } from '#engine/engine.ts';
import type { Log } from '#engine/log.ts';
import type { SecretStore } from '#engine/prompts.ts';
import { readAliases } from '#engine/ssh/config.ts';
import { withLoginShellAgent } from '#engine/ssh/login-shell.ts';
import { openSource } from '../demo/source.ts';
import type { OpenedEngine } from './face.ts';
import type { DesktopOptions } from './options.ts';
import type { SettingsStore } from './settings-store.ts';

/** Opens the user's hosts, or the demo cluster where it is asked for or no host is configured, with an engine on them. */
export async function openEngine(
  options: DesktopOptions,
  store: Pick<SettingsStore, 'path' | 'settings' | 'problems' | 'save'>,
  { log, secrets }: { readonly log: Log; readonly secrets: SecretStore | null },
): Promise<OpenedEngine> {
  const home = homedir();
  const sshConfigPath = path.resolve(options.sshConfigPath ?? path.join(home, '.ssh', 'config'));
  const opened = await openSource({
    sshConfigPath,
    demo: options.demo,
    hasHosts: async () => (await readAliases(sshConfigPath, { home })).aliases.length > 0,
  });
  const engine = createEngine({
    source: opened.source,
    sshConfigPath: opened.sshConfigPath,
    settings: store.settings,
    settingsProblems: store.problems,
    settingsFile: store.path,
    saveSettings: store.save,
    dataFolder: path.dirname(store.path),
    log,
    secrets,
    home,
    // Started from a desktop's menu, the app has not seen what the login shell sets.
    env: opened.source.kind === 'demo' ? process.env : await withLoginShellAgent(process.env),
    hostRegex: options.hostRegex ?? undefined,
  });
  return {
    engine,
    async dispose() {
      await engine.dispose();
      await opened.dispose();
    },
  };
}
