import { spawn } from 'node:child_process';

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

/** Runs the command and forgets it: that a browser is missing is no failure, the address was printed. */
export function runDetached({ program, args }: Command): void {
  const child = spawn(program, args, { detached: true, stdio: 'ignore' });
  child.on('error', () => undefined);
  child.unref();
}
