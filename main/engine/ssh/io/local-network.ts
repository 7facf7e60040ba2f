import { BlockList, isIP } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { ownInterfaces } from '../../network/own-interfaces.ts';

export interface LocalNetworkOptions {
  readonly platform?: NodeJS.Platform;
  readonly interfaces?: NodeJS.Dict<NetworkInterfaceInfo[]>;
}

/**
 * What to do about a host of the own network that cannot be reached, where it may be macOS that is in the way: since 15
 * it answers EHOSTUNREACH for those, and only those, until the app may look into the local network. Empty otherwise.
 */
export function localNetworkHint(
  error: unknown,
  { platform = process.platform, interfaces = ownInterfaces() ?? {} }: LocalNetworkOptions = {},
): string {
  if (platform !== 'darwin') return '';
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const own = new BlockList();
  for (const { internal, cidr } of Object.values(interfaces).flatMap((all) => all ?? [])) {
    const [network, prefix] = (cidr ?? '').split('/');
    if (!internal && network !== undefined && prefix !== undefined)
      own.addSubnet(network, Number(prefix), family(network));
  }
  const refused = errors.some(
    (each) =>
      each instanceof Error &&
      'code' in each &&
      each.code === 'EHOSTUNREACH' &&
      'address' in each &&
      typeof each.address === 'string' &&
      isIP(each.address) !== 0 &&
      own.check(each.address, family(each.address)),
  );
  return refused
    ? 'allow this app in System Settings, Privacy & Security, Local Network, unless the host is off'
    : '';
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
