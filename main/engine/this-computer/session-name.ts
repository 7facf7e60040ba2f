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
  return `${usualPrefix}${nameOfHost(host)}_${remotePort}_${localPort}`;
}

/** What all names begin with where nothing else is said. */
export const usualPrefix = 'vllmctl_';

/** What the name says; null for sessions of other kinds, and of another prefix. */
export function parseSessionName(name: string, prefix: string = usualPrefix): SessionTarget | null {
  if (!name.startsWith(prefix)) return null;
  const [, host, remote, local] = /^(.+)_(\d{1,5})_(\d{1,5})$/s.exec(name.slice(prefix.length)) ?? [];
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
