import { join } from 'node:path';
import { systemFolder } from '../config/standard-paths.ts';
import { run } from '../io/child.ts';

/** The `ssh` of this computer. */
export interface SshProgram {
  /** 902 for OpenSSH 9.2; null where it does not say it. */
  readonly version: number | null;
  /** Where it reads the configuration for everybody, which is a matter of how it was built. */
  readonly systemConfig: string;
}

const timeoutMs = 5000;

/**
 * Asks `ssh -v -G` for this host, which prints `OpenSSH_9.2p1 ...` and `debug1: Reading configuration data FILE`.
 * Never rejects.
 */
export async function describeSsh(args: readonly string[], env: NodeJS.ProcessEnv): Promise<SshProgram> {
  const usual = join(systemFolder(env), 'ssh_config');
  const result = await run('ssh', ['-v', '-T', '-G', ...args], { env, timeoutMs });
  const said = result.kind === 'ended' ? result.stderr : '';
  const [, major, minor] = /^OpenSSH_\D*(\d+)\.(\d+)/m.exec(said) ?? [];
  const read = /^debug1: Reading configuration data (\/.*\/ssh_config)\r?$/m.exec(said)?.[1];
  return {
    version: major === undefined ? null : Number(major) * 100 + Number(minor),
    systemConfig: read ?? usual,
  };
}
