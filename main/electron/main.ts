/** Entry of the desktop app: what must happen before it is ready, then the face. */

import { fileURLToPath } from 'node:url';
import { app, dialog } from 'electron';
import type { Log } from '#engine/log.ts';
import type { SecretStore } from '#engine/prompts.ts';
import { settingsFolder } from '#engine/stored-settings.ts';
import { registerAppScheme } from './app-scheme.ts';
import { desktopFiles, startDesktop } from './desktop.ts';
import { createLog } from './log.ts';
import { openEngine } from './open-engine.ts';
import { type DesktopOptions, readOptions } from './options.ts';
import { openSecretStore } from './secret-store.ts';
import { openSettingsStore } from './settings-store.ts';
import { desktopShowsTray } from './tray-host.ts';

app.setName('vllm-tray');
// The same as `appId` of the package, or Windows shows no notification of the app.
if (process.platform === 'win32') app.setAppUserModelId('app.vllm-tray.desktop');

const log = createLog(process.stderr);
start();

function openSecrets(log: Log): SecretStore | null {
  try {
    return openSecretStore(settingsFolder(), process.platform, log);
  } catch (error) {
    log('warn', `answers cannot be remembered: ${String(error)}`);
    return null;
  }
}

function start(): void {
  let options: DesktopOptions;
  try {
    options = readOptions(process.argv.slice(1));
  } catch (error) {
    log('error', String(error));
    app.exit(2);
    return;
  }
  // The first instance hears of this one and shows its window.
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  registerAppScheme();
  app.enableSandbox();
  void run(options);
}

async function run(options: DesktopOptions): Promise<void> {
  try {
    await app.whenReady();
    const store = openSettingsStore(settingsFolder(), log);
    await startDesktop({
      files: desktopFiles(fileURLToPath(new URL('../..', import.meta.url))),
      hidden: options.hidden,
      platform: process.platform,
      log,
      store,
      openEngine: () => openEngine(options, store, { log, secrets: openSecrets(log) }),
      desktopShowsTray,
    });
  } catch (error) {
    log('error', String(error));
    dialog.showErrorBox('vllm-tray could not start', error instanceof Error ? error.message : String(error));
    app.exit(1);
  }
}
