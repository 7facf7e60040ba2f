import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { localNetworkHint } from '#engine/ssh/io/local-network.ts';

const address = (cidr: string, internal = false): NetworkInterfaceInfo =>
  ({ cidr, internal }) as NetworkInterfaceInfo;
const interfaces = {
  lo0: [address('127.0.0.1/8', true), address('::1/128', true)],
  en0: [address('192.168.1.7/24'), address('fe80::1/64'), address('2001:db8::7/64')],
};
const unreachable = (to: string, code = 'EHOSTUNREACH'): Error =>
  Object.assign(new Error(`connect ${code} ${to}:22`), { code, address: to });
const hint = (error: unknown, platform: NodeJS.Platform = 'darwin') =>
  localNetworkHint(error, { platform, interfaces });

describe('on macOS, a host without a route', () => {
  it.each(['192.168.1.20', '2001:db8::20'])('of the own network may be hidden by the system: %s', (to) => {
    expect(hint(unreachable(to))).toContain('Local Network');
    expect(hint(new AggregateError([unreachable('10.0.0.1'), unreachable(to)]))).toContain('Local Network');
  });

  it('elsewhere, or with another error, is not', () => {
    expect(hint(unreachable('192.168.2.20'))).toBe('');
    expect(hint(unreachable('127.0.0.1'))).toBe('');
    expect(hint(unreachable('192.168.1.20', 'ECONNREFUSED'))).toBe('');
    expect(hint(new Error('no address'))).toBe('');
  });

  it('is nothing of the kind on other systems', () => {
    expect(hint(unreachable('192.168.1.20'), 'linux')).toBe('');
  });
});
