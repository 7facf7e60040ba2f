import { spawnSync } from 'node:child_process';

/** Why the ssh of this computer cannot be run, or null. */
export function sshMissing(): string | null {
  return spawnSync('ssh', ['-V']).error === undefined ? null : 'there is no ssh here; install openssh-client';
}
