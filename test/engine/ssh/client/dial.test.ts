import dns from 'node:dns';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { dialTcp } from '#engine/ssh/client/dial.ts';
import { rejection } from '../../../support/ssh/pool-for.ts';
import { resolvedHost } from '../../../support/ssh/resolved-host.ts';
import { startDeafPort } from '../deaf-port.ts';

const { signal } = new AbortController();
const onLinux = process.platform === 'linux';
if (!onLinux) console.warn('skipped: only Linux drops connections that a full queue has no place for');

const deafPort = async (host?: string) => {
  const deaf = await startDeafPort(host);
  onTestFinished(deaf.close);
  return deaf;
};

describe.skipIf(!onLinux)('a TCP connection to a host that drops packets', () => {
  it('is given up in time, and says to whom', async () => {
    const { port } = await deafPort();
    const host = resolvedHost({ hostname: '127.0.0.1', port });
    expect(await rejection(dialTcp(host, 300, signal))).toMatchObject({
      code: 'connection-timeout',
      step: 'connect',
      detail: `no answer from 127.0.0.1 port ${port} within 0.3 s`,
    });
  });

  it('is given up at once when nobody wants it any more', async () => {
    const { port } = await deafPort();
    const controller = new AbortController();
    const dialled = dialTcp(resolvedHost({ hostname: '127.0.0.1', port }), 60_000, controller.signal);
    controller.abort();
    expect(await rejection(dialled)).toMatchObject({ code: 'cancelled' });
  });

  it('is waited for when its first address answers late and its second refuses', async () => {
    const deaf = await deafPort('127.0.0.1');
    // What a name server says of it.
    const answer = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
    vi.spyOn(dns, 'lookup').mockImplementation(((...args: unknown[]) =>
      (args.at(-1) as (error: null, addresses: object) => void)(null, answer)) as typeof dns.lookup);
    onTestFinished(() => void vi.restoreAllMocks());
    // Later than the quarter of a second after which Node would go on to the next address.
    setTimeout(deaf.hear, 500);
    const socket = await dialTcp(resolvedHost({ hostname: 'far.example', port: deaf.port }), 10_000, signal);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
  });
});
