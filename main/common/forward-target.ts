/** Where a forward leads, as its host sees it: a port of its own, one of another machine, or a unix socket. Pure. */

import type { ForwardId, HostId } from './ids.ts';
import { authorityOf } from './text.ts';

export interface ForwardTarget {
  /** Null for a socket. */
  readonly remotePort: number | null;
  /** A machine beyond the host, by the name or address that the host knows it by; null: the host itself. */
  readonly remoteHost: string | null;
  /** The absolute path of a unix socket on the host; null for a port. */
  readonly remoteSocket: string | null;
}

/** What `sun_path` of sockaddr_un holds on Linux, in bytes. */
const mostSocketBytes = 107;
const hostForm = /^(?=.{1,253}$)[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?$/;
const ipv6Form = /^[\da-f:.]{2,45}(?:%[\w.-]{1,30})?$/i;
const visible = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u;

export function isRemoteHost(text: string): boolean {
  return hostForm.test(text) || (text.includes(':') && ipv6Form.test(text));
}

export function isRemoteSocket(text: string): boolean {
  const bytes = encodeURIComponent(text.replace(/[\ud800-\udfff]/g, '')).replace(/%../g, '.').length;
  return text.startsWith('/') && !text.endsWith('/') && bytes <= mostSocketBytes && visible.test(text);
}

/** A target from its fields, of which some may be missing; null where they are none. Loopback addresses are the host itself. */
export function targetOf(fields: {
  readonly remotePort?: number | null | undefined;
  readonly remoteHost?: string | null | undefined;
  readonly remoteSocket?: string | null | undefined;
}): ForwardTarget | null {
  const { remotePort = null, remoteHost = null, remoteSocket = null } = fields;
  if (remoteSocket !== null) {
    const isAlone = remotePort === null && remoteHost === null;
    return isAlone && isRemoteSocket(remoteSocket) ? { remotePort, remoteHost, remoteSocket } : null;
  }
  if (remotePort === null || remotePort < 1 || remotePort > 65_535) return null;
  if (remoteHost === null || isOwn.test(remoteHost)) return { remotePort, remoteHost: null, remoteSocket };
  return isRemoteHost(remoteHost) ? { remotePort, remoteHost, remoteSocket } : null;
}

/** Other addresses of 127.0.0.0/8 may have servers of their own. */
const isOwn = /^(?:localhost|127\.0\.0\.1|::1)$/i;

/** Reads `8000`, `node7:8000`, `[fd00::7]:8000` and `/run/vllm.sock` as a person writes them; null for anything else. */
export function readForwardTarget(text: string): ForwardTarget | null {
  const written = text.trim();
  if (written.startsWith('/')) return targetOf({ remoteSocket: written });
  const [, bracketed, name, digits] = /^(?:\[([^\]:]*:[^\]]*)\]:|([^:\s]+):)?(\d{1,5})$/.exec(written) ?? [];
  return digits === undefined
    ? null
    : targetOf({ remotePort: Number(digits), remoteHost: bracketed ?? name });
}

/** Without its host: `8000`, `node7:8000`, `/run/vllm.sock`. */
export function targetText({ remotePort, remoteHost, remoteSocket }: ForwardTarget): string {
  if (remoteSocket !== null) return remoteSocket;
  return remoteHost === null ? String(remotePort) : authorityOf(remoteHost, remotePort ?? 0);
}

/** `gpu-01:8000`, `login:node7:8000`, `gpu-01:/run/vllm.sock`; that of a port of the host itself is its ServerId. */
export function forwardId(hostId: HostId, target: ForwardTarget): ForwardId {
  return `${hostId}:${targetText(target)}`;
}

/** Whether it leads to a port of the host itself, where its model servers are. */
export function isOwnPort<Target extends ForwardTarget>(
  target: Target,
): target is Target & { readonly remotePort: number } {
  return target.remoteHost === null && target.remoteSocket === null;
}

/** The fields that `forward.open` takes for it. */
export function fieldsOf({
  remotePort,
  remoteHost,
  remoteSocket,
}: ForwardTarget):
  | { readonly remotePort: number; readonly remoteHost?: string }
  | { readonly remoteSocket: string } {
  if (remoteSocket !== null) return { remoteSocket };
  // A target that is no socket has a port.
  return { remotePort: remotePort ?? 0, ...(remoteHost !== null && { remoteHost }) };
}
