import type { App } from 'electron';

/**
 * On macOS, an app with a window is in the Dock and the app switcher and has a menu bar; one that is only in the tray is not.
 * Notified when the window comes and when closing hides it, and not by the window's own events: Command-H hides it too, and the
 * app must then stay where it can be brought back from.
 */
export function setPresence(
  app: Pick<App, 'setActivationPolicy' | 'focus'>,
  platform: NodeJS.Platform,
  present: boolean,
): void {
  if (platform !== 'darwin') return;
  app.setActivationPolicy(present ? 'regular' : 'accessory');
  // A person who clicked the tray or a notification is in another app.
  if (present) app.focus({ steal: true });
}
