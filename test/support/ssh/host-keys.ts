import { keyType } from '#engine/ssh/trust/known-hosts.ts';

/** A key in wire format that has the parts of its type; what is in them does not matter here. */
export function hostKey(type: string, fill: number): Buffer {
  const part = (bytes: Buffer): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(bytes.length);
    return Buffer.concat([head, bytes]);
  };
  const rest = type === 'ssh-ed25519' ? [32] : [3, 32];
  return Buffer.concat([Buffer.from(type), ...rest.map((length) => Buffer.alloc(length, fill))].map(part));
}

/** The line of known_hosts that holds this key for these hosts. */
export const knownHostsLine = (hosts: string, blob: Buffer): string =>
  `${hosts} ${keyType(blob)} ${blob.toString('base64')}`;
