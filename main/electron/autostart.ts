import type { App } from 'electron';
import { AppError, messageOf } from '#common/failure.ts';
import { plainText } from '#common/text.ts';
import { autostartFolder, createAutostartFile } from './autostart-file.ts';

/** Whether the app starts automatically, in the tray, when its user logs in. Errors of both: `autostart-failed`. */
export interface Autostart {
  /** A person has said so. */
  set(on: boolean): Promise<void>;
  /** At the start of the app: the program may have moved, or the setting may come from elsewhere. What was switched off in the system's own list stays off. */
  refresh(on: boolean): Promise<void>;
}

export interface AutostartDeps {
  readonly app: Pick<App, 'isPackaged' | 'getLoginItemSettings' | 'setLoginItemSettings'>;
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly execPath: string;
  /** The folder of the app, which Electron is given to run in a checkout. */
  readonly root: string;
}

/**
 * A checkout runs under the Electron of its `node_modules`, so its command names the checkout too. It is written when a person
 * asks for it, but a checkout refreshes nothing: an installed app has the same entry. On macOS it cannot: a login item there
 * is an app and takes no arguments, and Electron alone shows a page of its own.
 */
export function createAutostart(deps: AutostartDeps): Autostart {
  const { app, platform } = deps;
  const way =
    platform === 'linux' ? createAutostartFile(autostartFolder(deps), command(deps)) : loginItem(deps);
  return {
    set: (on) => withCode(() => way.set(on)),
    refresh: (on) => withCode(async () => (app.isPackaged ? way.refresh(on) : undefined)),
  };
}

/** An AppImage is mounted elsewhere with every start; its own path is in `APPIMAGE`. */
function command({ app, env, execPath, root }: AutostartDeps): readonly string[] {
  if (!app.isPackaged) return [execPath, root, '--hidden'];
  return [env.APPIMAGE || execPath, '--hidden'];
}

function loginItem(deps: AutostartDeps): Autostart {
  const { app, platform } = deps;
  const [program = '', ...args] = command(deps);
  // Windows keeps one line, so an argument with spaces brings its own quotes.
  const item = platform === 'win32' ? { path: program, args: args.map(quoted) } : {};
  const isOn = (): boolean => app.getLoginItemSettings(item).openAtLogin;
  const set = async (on: boolean): Promise<void> => {
    if (!on && !isOn()) return;
    if (platform === 'darwin' && !app.isPackaged)
      throw new Error('only the packaged app can do that on macOS');
    app.setLoginItemSettings({ ...item, openAtLogin: on });
    if (isOn() !== on && !waitsForApproval()) throw new Error('the system did not take it');
  };
  const waitsForApproval = (): boolean => app.getLoginItemSettings(item).status === 'requires-approval';
  const isSwitchedOff = (): boolean =>
    platform === 'win32'
      ? app.getLoginItemSettings(item).launchItems.some(({ path, enabled }) => path === program && !enabled)
      : waitsForApproval();
  return {
    set,
    async refresh(on) {
      if (isOn() !== on && !(on && isSwitchedOff())) await set(on);
    },
  };
}

function quoted(argument: string): string {
  return argument.includes(' ') ? `"${argument}"` : argument;
}

async function withCode(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new AppError('autostart-failed', {
      detail: plainText(messageOf(error)),
      cause: error,
    });
  }
}
