/** Whether the desktop shows tray icons, now and later. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { after, createAlarm } from '#common/timer.ts';

/** `unknown` where the session bus cannot be asked, or where Electron has another way. */
export type TrayHost = 'shown' | 'not shown' | 'unknown';

const watcher = 'org.kde.StatusNotifierWatcher';
const askWhoWatches = [
  ['call', '--session', '--dest', 'org.freedesktop.DBus', '--object-path', '/org/freedesktop/DBus'],
  ['--method', 'org.freedesktop.DBus.NameHasOwner', watcher],
].flat();
const askWhoShows = [
  ['call', '--session', '--dest', watcher, '--object-path', '/StatusNotifierWatcher'],
  ['--method', 'org.freedesktop.DBus.Properties.Get', watcher, 'IsStatusNotifierHostRegistered'],
].flat();

const callMs = 2000;

export interface TrayHostDeps {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** GLib's `gdbus`, which prints `(true,)`, `(false,)` or `(<true>,)`. */
  readonly command?: string;
}

/**
 * Returns whether the desktop shows tray icons. On Linux Electron makes one without complaint where nothing will ever show
 * it (GNOME without the AppIndicator extension), so the session bus is asked who watches for icons, and whether what
 * watches has something that shows them. On Xorg outside GNOME Electron falls back to XEmbed: no is not the last word.
 */
export async function askTrayHost({ platform, env, command = 'gdbus' }: TrayHostDeps): Promise<TrayHost> {
  if (platform !== 'linux') return 'shown';
  const no: TrayHost = isWayland(env) || isGnome(env) ? 'not shown' : 'unknown';
  const ask = async (args: readonly string[]): Promise<string> =>
    (await promisify(execFile)(command, [...args], { timeout: callMs, env })).stdout.trim();
  try {
    if ((await ask(askWhoWatches)) === '(false,)') return no;
  } catch {
    // No gdbus or no bus: nothing is known, and Electron may still find a way.
    return 'unknown';
  }
  try {
    return (await ask(askWhoShows)) === '(<false>,)' ? no : 'shown';
  } catch {
    // A watcher without that property, or one that has just gone: it watches, and that is all that is known.
    return 'shown';
  }
}

/** Whether windows are Wayland's: there XEmbed does not exist, and no program raises its own window. */
export function isWayland(env: NodeJS.ProcessEnv): boolean {
  return env.XDG_SESSION_TYPE === 'wayland' || Boolean(env.WAYLAND_DISPLAY);
}

function isGnome(env: NodeJS.ProcessEnv): boolean {
  return (env.XDG_CURRENT_DESKTOP ?? '').split(':').some((name) => /^gnome/i.test(name));
}

/** How often and for how long a start at login asks before it decides that there is no tray. */
const loginMs = { every: 1000, total: 15_000 } as const;
/** How often a desktop without a tray is asked again: an extension may be switched on at any time. */
const laterMs = 30_000;

export interface TrayHostWatch {
  /**
   * Resolves with whether a tray icon is worth making. With `patient` it asks for 15 s before the answer is no: at login the
   * desktop's own parts start beside the app, in any order.
   */
  decide(patient: boolean): Promise<boolean>;
  /** Calls back once, when the desktop shows tray icons after all; the returned function ends that. */
  onceShown(listener: () => void): () => void;
}

/** Asks with `ask`, as often as it takes. */
export function watchTrayHost(ask: () => Promise<TrayHost>): TrayHostWatch {
  return {
    async decide(patient) {
      const tries = patient ? loginMs.total / loginMs.every : 0;
      for (let tried = 0; ; tried += 1) {
        if ((await ask()) !== 'not shown') return true;
        if (tried === tries) return false;
        await new Promise<void>((resolve) => after(loginMs.every, resolve));
      }
    },
    onceShown(listener) {
      const ended = new AbortController();
      const alarm = createAlarm({ background: true });
      const look = async (): Promise<void> => {
        const host = await ask();
        if (ended.signal.aborted) return;
        if (host === 'shown') listener();
        else later();
      };
      const later = (): void => alarm.after(laterMs, () => void look());
      later();
      return () => {
        ended.abort();
        alarm.cancel();
      };
    },
  };
}
