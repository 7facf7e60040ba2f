/** The names of tmux sessions that hold a forward: `vllmctl_{host}_{remote port}_{local port}`, as vllmctl gives them. Pure. */

import { isPort } from '../probe/ports.ts';

export interface SessionTarget {
  /** The host's alias, as far as a name can tell it. */
  readonly host: string;
  readonly remotePort: number;
  readonly localPort: number;
}

/**
 * The name for a new session. In the alias only letters, digits, `_`, `+`, `@` and `-` stay: tmux itself replaces `.` and
 * `:`, and takes `#(...)` in a name for a command to run.
 */
export function sessionName({ host, remotePort, localPort }: SessionTarget): string {
  return `vllmctl_${nameOfHost(host)}_${remotePort}_${localPort}`;
}

/** What the name says; null for sessions of other kinds. */
export function parseSessionName(name: string): SessionTarget | null {
  const [, host, remote, local] = /^vllmctl_(.+)_(\d{1,5})_(\d{1,5})$/s.exec(name) ?? [];
  const [remotePort, localPort] = [Number(remote), Number(local)];
  if (host === undefined || !isPort(remotePort) || !isPort(localPort)) return null;
  return { host, remotePort, localPort };
}

/** The alias that such a name was made of; null where none of these fits, or several do. */
export function aliasOfName(host: string, aliases: readonly string[]): string | null {
  if (aliases.includes(host)) return host;
  const fitting = aliases.filter((alias) => [alias.replace(/[.:]/g, '_'), nameOfHost(alias)].includes(host));
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

function nameOfHost(alias: string): string {
  return alias.replace(/[^\p{L}\p{N}_+@-]/gu, '_');
}
