/** Entry of the desktop app: what must happen before it is ready, then the face. */

import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { app, dialog } from 'electron';
import { messageOf } from '#common/errors.ts';
import type { Log } from '#engine/log.ts';
import type { SecretStore } from '#engine/prompts.ts';
import { settingsFolder } from '#engine/stored-settings.ts';
import { registerAppScheme } from './app-scheme.ts';
import { createAutostart } from './autostart.ts';
import { startDesktop } from './desktop.ts';
import { desktopFiles } from './face.ts';
import { createLog } from './log.ts';
import { openEngine } from './open-engine.ts';
import { type DesktopOptions, handOver, readOptions } from './options.ts';
import { openSecretStore } from './secret-store.ts';
import { openSettingsStore } from './settings-store.ts';
import { desktopShowsTray } from './tray-host.ts';

app.setName('vllm-tray');
// The same as `appId` of the package, or Windows shows no notification of the app.
if (process.platform === 'win32') app.setAppUserModelId('app.vllm-tray.desktop');

const log = createLog(process.stderr);
start();

function openSecrets(folder: string, log: Log): SecretStore | null {
  try {
    return openSecretStore(folder, process.platform, log);
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
  // The first instance hears of this one and does what it was started for.
  if (!app.requestSingleInstanceLock(handOver(options))) {
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
    const { platform, env, execPath } = process;
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const folder = settingsFolder();
    const store = openSettingsStore(folder, log);
    await startDesktop({
      files: desktopFiles(root),
      hidden: options.hidden || (platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin),
      place: options.place,
      platform,
      log,
      store,
      autostart: createAutostart({ app, platform, env, home: homedir(), execPath, root }),
      openEngine: () => openEngine(options, store, { log, secrets: openSecrets(folder, log) }),
      desktopShowsTray,
      onTermination(quit) {
        // Electron quits on them too, but by the way that asks.
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, quit);
      },
    });
  } catch (error) {
    log('error', String(error));
    dialog.showErrorBox('vllm-tray could not start', messageOf(error));
    app.exit(1);
  }
}
