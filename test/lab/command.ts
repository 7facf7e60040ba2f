import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../build/vllm-tray.mjs', import.meta.url));

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `vllm-tray ARGS` as a user would, to its end. */
export async function runCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<CommandResult> {
  const child = startCommand(args, env);
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: stdout(), stderr: stderr() };
}

/** Starts `vllm-tray ARGS` and leaves it running. */
export function startCommand(args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
  return spawn(process.execPath, [bin, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, ...ownSettings(args) },
  });
}

/** Not the settings of whoever runs the tests, nor what their app remembers. */
function ownSettings(args: readonly string[]): NodeJS.ProcessEnv {
  const at = args.indexOf('--ssh-config');
  const sshConfig = at < 0 ? undefined : args[at + 1];
  return sshConfig === undefined ? {} : { XDG_CONFIG_HOME: join(dirname(sshConfig), 'settings') };
}

/** The first line on stdout; rejects with what stderr said when the program ends without one. */
export async function firstLine(child: ChildProcess): Promise<string> {
  const stderr = collect(child.stderr);
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += chunk;
    const end = text.indexOf('\n');
    if (end >= 0) return text.slice(0, end);
  }
  throw new Error(`it ended without a line: ${stderr()}`);
}

function collect(stream: ChildProcess['stdout']): () => string {
  let text = '';
  stream?.on('data', (chunk) => {
    text += chunk;
  });
  return () => text;
}
