import { spawn } from 'node:child_process';
import { writeRedirectFile } from './redirect-file.ts';
import type { TicketAddress } from './server.ts';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** The program that opens an address in the default browser; null where no display would show it. */
export function browserCommand(
  url: string,
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv,
): Command | null {
  if (platform === 'darwin') return { program: 'open', args: [url] };
  // What `start` calls, without a shell that would read the address.
  if (platform === 'win32') return { program: 'rundll32', args: ['url.dll,FileProtocolHandler', url] };
  return env.DISPLAY || env.WAYLAND_DISPLAY ? { program: 'xdg-open', args: [url] } : null;
}

/** Runs the command and forgets it: that a browser is missing is no failure, the address was printed. Never throws. */
export function runDetached({ program, args }: Command): void {
  try {
    const child = spawn(program, args, { detached: true, stdio: 'ignore' });
    child.on('error', () => undefined);
    child.unref();
  } catch {
    // No memory for one more process.
  }
}

/**
 * Opens the default browser by a page that leads on to the address with the ticket, and removes that page when the ticket
 * is used or its time is over. Returns the removal; null where no display would show a browser. Never rejects.
 */
export async function openBrowser(ticket: () => TicketAddress): Promise<(() => Promise<void>) | null> {
  if (browserCommand('', process.platform, process.env) === null) return null;
  const { url, ended } = ticket();
  const page = await writeRedirectFile(url).catch(() => null);
  // No page, no browser: the ticket is never put on a command line.
  if (page === null) return null;
  void ended.then(page.remove);
  const command = browserCommand(page.url, process.platform, process.env);
  if (command !== null) runDetached(command);
  return page.remove;
}
