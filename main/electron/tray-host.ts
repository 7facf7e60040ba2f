import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const ask = [
  ['call', '--session', '--dest', 'org.freedesktop.DBus', '--object-path', '/org/freedesktop/DBus'],
  ['--method', 'org.freedesktop.DBus.NameHasOwner', 'org.kde.StatusNotifierWatcher'],
].flat();

/**
 * Whether the desktop shows tray icons. On Linux Electron makes one without complaint where nothing will ever show it
 * (GNOME without the AppIndicator extension), so the session bus is asked who shows them; only a clear no counts.
 * `command` is GLib's `gdbus`, which prints `(true,)` or `(false,)`.
 */
export async function desktopShowsTray(platform: NodeJS.Platform, command = 'gdbus'): Promise<boolean> {
  if (platform !== 'linux') return true;
  try {
    const { stdout } = await promisify(execFile)(command, ask, { timeout: 2000 });
    return stdout.trim() !== '(false,)';
  } catch {
    // No gdbus or no bus: nothing is known, and Electron may still find a way.
    return true;
  }
}
