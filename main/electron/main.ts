/** Entry of the desktop app: what must happen before it is ready, then the face. */

import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { app, dialog } from 'electron';
import { OptionError } from '#app/options.ts';
import { settingsFolder } from '#app/stored-settings.ts';
import { messageOf } from '#common/failure.ts';
import { chooseLanguage } from '#common/language.ts';
import type { Log } from '#engine/diagnostics/log.ts';
import type { SecretStore } from '#engine/secrets/prompts.ts';
import { registerAppScheme } from './app-scheme.ts';
import { createAutostart } from './autostart.ts';
import { startDesktop } from './desktop.ts';
import { replaceEnvironment, withoutAppImage } from './environment.ts';
import { desktopFiles } from './face.ts';
import { createLog } from './log.ts';
import { openDesktopEngine } from './open-engine.ts';
import { type DesktopOptions, handOver, readOptions } from './options.ts';
import { listenToOtherStarts, type OtherStarts } from './other-starts.ts';
import { openSecretStore } from './secret-store.ts';
import { openSettingsStore } from './settings-store.ts';
import { askTrayHost, isWayland, watchTrayHost } from './tray-host.ts';
import { desktopWords } from './words.ts';

app.setName('vllm-tray');
// The same as `appId` of the package, or Windows shows no notification of the app.
if (process.platform === 'win32') app.setAppUserModelId('app.vllm-tray.desktop');

let isDebug = false;
// Its terminal, or what reads it, may be gone: Electron would show a dialog for that.
for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
const log = createLog(process.stderr, () => isDebug);
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
    isDebug = options.debug === true;
  } catch (error) {
    log('error', messageOf(error));
    app.exit(2);
    return;
  }
  // The first instance hears of this one and does what it was started for.
  if (!app.requestSingleInstanceLock(handOver(options))) {
    app.quit();
    return;
  }
  const otherStarts = listenToOtherStarts(app);
  registerAppScheme();
  // With the switch the processes of pages were prepared without a sandbox, and would never come up in one.
  const sandboxed = !app.commandLine.hasSwitch('no-sandbox');
  if (sandboxed) app.enableSandbox();
  // The app's own start at login names the AppImage; programs that the app starts are to see nothing of it.
  const env = { ...process.env };
  replaceEnvironment(process.env, withoutAppImage(env));
  void run(options, { otherStarts, sandboxed, env });
}

interface Started {
  readonly otherStarts: OtherStarts;
  readonly sandboxed: boolean;
  /** The environment that the app was started with. */
  readonly env: NodeJS.ProcessEnv;
}

async function run(options: DesktopOptions, { otherStarts, sandboxed, env }: Started): Promise<void> {
  try {
    await app.whenReady();
    const { platform, execPath } = process;
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
      openEngine: () => openDesktopEngine(options, store, { log, secrets: openSecrets(folder, log) }),
      trayHost: watchTrayHost(() => askTrayHost({ platform, env: process.env })),
      otherStarts,
      sandboxed,
      wayland: platform === 'linux' && isWayland(process.env),
      onTermination(quit) {
        // Electron quits on them too, but by the way that asks.
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, quit);
      },
    });
  } catch (error) {
    log('error', messageOf(error));
    // The settings may be what cannot be read: the system's language is the one that is known.
    const language = chooseLanguage('system', app.getPreferredSystemLanguages());
    dialog.showErrorBox(desktopWords[language].notStarted, messageOf(error));
    app.exit(error instanceof OptionError ? 2 : 1);
  }
}
