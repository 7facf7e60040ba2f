/**
 * The listening TCP sockets of a computer without `ss` or /proc: from netstat (Linux, macOS, Windows) and lsof (Linux,
 * macOS). The names of services must not stand in place of their numbers (`-n`, of lsof also `-P`).
 */

import { plainText } from '#common/text.ts';
import { addressesFor, type BoundSocket, type ListeningPort, mergeSockets, readEndpoint } from './ports.ts';

/** Shorter and longer lines are none of theirs. */
const shortestLine = 20;
const longestLine = 2000;

/** Reads `netstat -lntp` and `-ltn` of net-tools, `netstat -an` of macOS, `netstat -ano` of Windows. Never throws. */
export function parseNetstat(text: string): readonly ListeningPort[] {
  return mergeSockets(linesOf(text).flatMap((line) => netstatSocket(line) ?? []));
}

function netstatSocket(line: string): BoundSocket | null {
  const cells = line.trim().split(/\s+/);
  const protocol = /^tcp(4|6|46)?$/i.exec(cells[0] ?? '');
  if (protocol === null) return null;
  // Windows has no queue lengths, and words for the states in its own language.
  const isWindows = !/^\d+$/.test(cells[1] ?? '');
  const [bound = '', peer = '', state = '', ...owner] = cells.slice(isWindows ? 1 : 3);
  const listens = isWindows ? /^(?:0\.0\.0\.0|\[::\]):0$/.test(peer) : state === 'LISTEN';
  const local = listens ? (readEndpoint(bound) ?? readEndpoint(bound.replace(/\.(\d+)$/, ':$1'))) : null;
  if (local === null) return null;
  // macOS writes `*` for a wildcard of either family.
  const address = local.address === '*' && protocol[1] === '4' ? '0.0.0.0' : local.address;
  return { port: local.port, addresses: addressesFor(address), ...readOwner(owner) };
}

/** `1206/sshd` behind the state on Linux, `1520` on Windows; macOS names no program there. */
function readOwner(cells: readonly string[]): Pick<BoundSocket, 'process' | 'pid'> {
  const at = cells.findIndex((cell) => /^\d{1,10}\/./.test(cell));
  const [, pid = '', name = ''] = /^(\d+)\/(.*)$/s.exec(at < 0 ? '' : cells.slice(at).join(' ')) ?? [];
  if (name !== '') return { process: plainText(name, 50), pid: Number(pid) };
  const [only = ''] = cells;
  return { process: null, pid: cells.length === 1 && /^\d{1,10}$/.test(only) ? Number(only) : null };
}

/** Reads `lsof -nP +c 0 -iTCP -sTCP:LISTEN`, and other forms of its table. Never throws. */
export function parseLsof(text: string): readonly ListeningPort[] {
  return mergeSockets(linesOf(text).flatMap((line) => lsofSocket(line) ?? []));
}

function lsofSocket(line: string): BoundSocket | null {
  const cells = line.trim().split(/\s+/);
  const [name = '', pid = ''] = cells;
  const protocol = cells.lastIndexOf('TCP');
  const family = cells.findLast((cell) => cell === 'IPv4' || cell === 'IPv6');
  const local =
    protocol > 0 && cells[protocol + 2] === '(LISTEN)' ? readEndpoint(cells[protocol + 1] ?? '') : null;
  if (local === null || !/^\d{1,10}$/.test(pid)) return null;
  const address = local.address === '*' && family === 'IPv4' ? '0.0.0.0' : local.address;
  return {
    port: local.port,
    addresses: addressesFor(address),
    process: plainText(withoutEscapes(name), 50),
    pid: Number(pid),
  };
}

/** lsof writes a space in a name as `\x20`. */
function withoutEscapes(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter(({ length }) => length >= shortestLine && length <= longestLine);
}

/** What a program of Windows has written: UTF-16 with a byte order mark or, as everywhere else, UTF-8. */
export function decodeOutput(bytes: Uint8Array): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}
