import { readFileSync } from 'node:fs';
import { type Namespace, pidsIn } from './namespaces.ts';

/** The processes of a host: sshd's listener, and its sessions with what runs in them. */
export async function sshdProcesses(
  namespace: Namespace,
): Promise<{ listener: number[]; sessions: number[] }> {
  const pids = await pidsIn(namespace);
  // sshd -D, whose title says "[listener]" where the release has that.
  const isListener = (pid: number): boolean => /sshd.* -D/.test(commandOf(pid));
  return { listener: pids.filter(isListener), sessions: pids.filter((pid) => !isListener(pid)) };
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It has ended.
    return '';
  }
}
