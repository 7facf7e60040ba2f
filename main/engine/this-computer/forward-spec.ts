/** Where a local forward listens and leads, as ssh reads `-L` and LocalForward (parse_forward in readconf.c). Pure. */

import { addressesFor } from '../probe/ports.ts';

export interface ForwardSpec {
  /**
   * Null where none is named, which GatewayPorts decides ({@link placed}); `*` for every interface, else as it is written,
   * without brackets.
   */
  readonly localAddress: string | null;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** A forward with the address at which it listens: `localhost` or, with GatewayPorts, `*` where none is named. */
export interface PlacedSpec extends ForwardSpec {
  readonly localAddress: string;
}

/** As channel_fwd_bind_addr in ssh's channels.c has it for a client: GatewayPorts means what names no address. */
export function placed(spec: ForwardSpec, gatewayPorts: boolean): PlacedSpec {
  return { ...spec, localAddress: spec.localAddress ?? (gatewayPorts ? '*' : 'localhost') };
}

/** A forward from port to port, or why it is none. */
export type SpecReading =
  | { readonly kind: 'ports'; readonly spec: ForwardSpec }
  | { readonly kind: 'ignored'; readonly reason: string };

/**
 * Reads `8000:host:9000` and `address:8000:host:9000`, addresses with colons in brackets. One with a socket file at
 * either end has no port to ask at, and is ignored like what cannot be read. Never throws.
 */
export function readForwardSpec(text: string): SpecReading {
  const fields = splitFields(text);
  if (fields === null || fields.length > 4) return ignored('unreadable');
  if (fields.some((field) => field.includes('/'))) return ignored('a socket file in place of a port');
  const [remotePort = 0, remoteAddress = '', localPort = 0, bound = null] = [
    readPort(fields.at(-1)),
    fields.at(-2),
    readPort(fields.at(-3)),
    fields.length === 4 ? (fields[0] ?? null) : null,
  ];
  if (remotePort === 0 || localPort === 0 || remoteAddress === '') return ignored('unreadable');
  return { kind: 'ports', spec: { localAddress: nameOf(bound), localPort, remoteAddress, remotePort } };
}

/** Where on this computer to connect to what listens for the forward. */
export function addressesOfSpec(localAddress: string): readonly string[] {
  return localAddress === 'localhost' ? ['127.0.0.1', '::1'] : addressesFor(localAddress);
}

function ignored(reason: string): SpecReading {
  return { kind: 'ignored', reason };
}

function nameOf(bound: string | null): string | null {
  return bound === '' ? '*' : (bound?.toLowerCase() ?? null);
}

/** The parts between colons, without brackets and with `\:` as a colon; null when a bracket is not closed. */
export function splitFields(text: string): string[] | null {
  const fields: string[] = [];
  const field = /\[([^\]]*)\](?=:|$)|((?:[^\\:[]|\\.)*)(?=:|$)/y;
  for (let at = 0; at <= text.length && fields.length <= 4; at = field.lastIndex + 1) {
    field.lastIndex = at;
    const found = field.exec(text);
    if (found === null) return null;
    fields.push(found[1] ?? (found[2] ?? '').replace(/\\(.)/g, '$1'));
  }
  return fields;
}

function readPort(text: string | undefined): number {
  const port = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0;
  return port <= 65_535 ? port : 0;
}
