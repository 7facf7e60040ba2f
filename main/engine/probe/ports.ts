/** The listening TCP sockets of a host, from `ss -ltnp` or from /proc/net/tcp and tcp6. */

import { groupBy } from '#common/group-by.ts';
import { plainText } from '#common/text.ts';

export interface ListeningPort {
  readonly port: number;
  /** Where the host itself can connect to it: 127.0.0.1 for a wildcard, else the bound address. */
  readonly address: string;
  /** Further addresses to try, in order: ::1 for a wildcard that may be IPv6 only, other bound addresses. */
  readonly alternatives: readonly string[];
  /** Name of the process, as far as the tool prints it; null unless it belongs to the same user (or the login is root). */
  readonly process: string | null;
  readonly pid: number | null;
}

/** One line of a table of sockets. */
export interface BoundSocket {
  readonly port: number;
  readonly addresses: readonly string[];
  readonly process: string | null;
  readonly pid: number | null;
}

const mostAddresses = 4;

/** Reads `ss -H -ltnp`, `ss -ltnp` and relatives with more columns; other lines are skipped. Never throws. */
export function parseSs(text: string): readonly ListeningPort[] {
  return mergeSockets(
    text.split('\n').flatMap((line) => {
      const cells = line.trim().split(/\s+/);
      const state = cells.indexOf('LISTEN');
      // After the state come two queue lengths; other protocols have UNCONN in its place.
      const local = readEndpoint(state < 0 || state > 1 ? '' : (cells[state + 3] ?? ''));
      if (local === null) return [];
      // A name may hold quotes.
      const [, name = '', pid] = /users:\(\("(.{0,64}?)",(?:pid=)?(\d{1,10})[,)]/.exec(line) ?? [];
      return {
        port: local.port,
        addresses: addressesFor(local.address),
        process: plainText(name, 50) || null,
        pid: pid === undefined ? null : Number(pid),
      };
    }),
  );
}

/** Reads /proc/net/tcp and /proc/net/tcp6 one after the other, as Linux prints them on little-endian machines. Never throws. */
export function parseProcNetTcp(text: string): readonly ListeningPort[] {
  return mergeSockets(
    text.split('\n').flatMap((line) => {
      const [, hex = '', portHex = ''] =
        /^ *\d+: ((?:[0-9A-F]{8}){1,4}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A /.exec(line) ?? [];
      const port = Number.parseInt(portHex, 16);
      if (!isPort(port) || (hex.length !== 8 && hex.length !== 32)) return [];
      return { port, addresses: addressesFor(hexAddress(hex)), process: null, pid: null };
    }),
  );
}

/** Reads `127.0.0.1:80`, `[::1]:80`, `:::80`, `[fe80::1]%eth0:80`; null for anything else. */
export function readEndpoint(text: string): { readonly address: string; readonly port: number } | null {
  const [, address, port] = /^(.{0,100}):(\d{1,5})$/.exec(text) ?? [];
  if (address === undefined || !isPort(Number(port))) return null;
  return { address: address.replace(/^\[(.*)\]/, '$1'), port: Number(port) };
}

/** 0 is none. */
export function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}

/** Every 32-bit word has its bytes reversed. */
function hexAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex').reverse()]);
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  if (groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff')
    return `::ffff:${bytes.slice(12).join('.')}`;
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** Where to connect for a bound address; a scope such as `%lo` only matters for link-local ones. */
export function addressesFor(bound: string): readonly string[] {
  const address = /^fe80:/i.test(bound) ? bound : bound.replace(/%.*$/, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  if (mapped === '0.0.0.0') return ['127.0.0.1'];
  if (mapped === '*' || mapped === '::') return ['127.0.0.1', '::1'];
  return /^[\w.:%-]{1,60}$/.test(mapped) ? [mapped] : [];
}

/** One entry per port, loopback first: what listens there on several addresses is taken for one server. */
export function mergeSockets(sockets: readonly BoundSocket[]): readonly ListeningPort[] {
  const ports = [...groupBy(sockets, ({ port }) => port)].sort(([a], [b]) => a - b);
  return ports.flatMap(([port, same]) => {
    const all = new Set(same.flatMap((socket) => socket.addresses));
    const [address, ...alternatives] = [...all]
      .sort((a, b) => distance(a) - distance(b))
      .slice(0, mostAddresses);
    if (address === undefined) return [];
    // One port may belong to two processes, each at an address of its own.
    const owned = same.filter((socket) => socket.pid !== null);
    const owner = owned.find((socket) => socket.addresses.includes(address)) ?? owned[0];
    return { port, address, alternatives, process: owner?.process ?? null, pid: owner?.pid ?? null };
  });
}

function distance(address: string): number {
  if (address === '127.0.0.1') return 0;
  if (address === '::1') return 1;
  return address.startsWith('127.') ? 2 : 3;
}
