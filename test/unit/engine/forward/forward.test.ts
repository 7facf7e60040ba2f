import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '#common/errors.ts';
import type { Forward } from '#common/forwards.ts';
import { type OpenForward, openForward } from '#engine/forward/forward.ts';
import { listenInRange, listenOn } from '#engine/forward/local-port.ts';
import type { Transport } from '#engine/ssh/transport.ts';
import { localTransport } from './local-transport.ts';

const range = { from: 17_300, to: 17_399 };
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

async function serve(onSocket: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(server);
  return (server.address() as AddressInfo).port;
}

interface Opened {
  readonly forward: OpenForward;
  readonly port: number;
  /** Resolves when a published state of the forward satisfies the condition. */
  until(condition: (forward: Forward) => boolean): Promise<Forward>;
}

async function forwardTo(port: number, transport: () => Promise<Transport>): Promise<Opened> {
  const listener = await listenInRange(range, null);
  const history: Forward[] = [];
  const waiting = new Set<() => void>();
  const forward = await openForward({ hostId: 'h', port, addresses: ['127.0.0.1'] }, listener, {
    transport,
    onChange(changed) {
      history.push(changed);
      for (const check of waiting) check();
    },
  });
  opened.push(forward);
  const until = (condition: (forward: Forward) => boolean): Promise<Forward> =>
    new Promise((resolve) => {
      let from = 0;
      const check = (): void => {
        const found = history.slice(from).find(condition);
        from = history.length;
        if (found !== undefined) resolve(found);
      };
      waiting.add(check);
      check();
    });
  return { forward, port: listener.port, until };
}

describe('a forward', () => {
  it('keeps a reply that comes after the client has ended', async () => {
    const remote = await serve((socket) => {
      let got = '';
      socket.setEncoding('utf8').on('data', (chunk) => {
        got += chunk;
      });
      socket.on('end', () => socket.end(`got ${got}`));
    });
    const { port } = await forwardTo(remote, async () => localTransport());
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.end('question');
    expect(await text(client)).toBe('got question');
  });

  it('carries megabytes intact to a slow reader, and counts them', async () => {
    const payload = randomBytes(8_000_000);
    const remote = await serve((socket) => {
      socket.resume();
      socket.end(payload);
    });
    const { port, until } = await forwardTo(remote, async () => localTransport());
    const client = connect({ port, host: '127.0.0.1' });
    const hash = createHash('sha256');
    for await (const chunk of client) {
      hash.update(chunk as Buffer);
      await new Promise(setImmediate);
    }
    expect(hash.digest('hex')).toBe(createHash('sha256').update(payload).digest('hex'));
    const counted = await until(
      ({ traffic }) => traffic.openConnections === 0 && traffic.bytesIn === payload.length,
    );
    expect(counted.traffic).toMatchObject({ totalConnections: 1, bytesOut: 0 });
  });

  it('frees its port when it is closed, with clients still connected', async () => {
    const remote = await serve((socket) => socket.write('hello'));
    const { forward, port } = await forwardTo(remote, async () => localTransport());
    const client = connect({ port, host: '127.0.0.1' });
    await once(client, 'data');
    const closed = once(client, 'close');
    await forward.close();
    await closed;
    await forward.close();
    const again = await listenOn(port);
    for (const server of again.servers) server.close();
  });

  it('ends the connection to the host when the client goes away', async () => {
    let gone: () => void = () => undefined;
    const remoteClosed = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const remote = await serve((socket) => {
      socket.write('hello');
      socket.once('close', gone);
    });
    const { port } = await forwardTo(remote, async () => localTransport());
    const client = connect({ port, host: '127.0.0.1' });
    await once(client, 'data');
    client.destroy();
    await remoteClosed;
  });

  it('opens although nothing listens yet, and says so', async () => {
    const unused = await serve(() => undefined);
    await opened.pop()?.close();
    const { forward } = await forwardTo(unused, async () => localTransport());
    expect(forward.current()).toMatchObject({
      state: { kind: 'listening' },
      lastError: { code: 'target-refused' },
    });
  });

  it('keeps its port while the connection under it is replaced', async () => {
    const remote = await serve((socket) => socket.end('hello'));
    const transports: ReturnType<typeof localTransport>[] = [];
    const { port, until } = await forwardTo(remote, async () => {
      const transport = localTransport();
      transports.push(transport);
      return transport;
    });
    const away = until((forward) => forward.state.kind === 'retrying');
    transports[0]?.lose();
    expect((await away).localPort).toBe(port);
    // A client that comes meanwhile is held until the new connection stands.
    expect(await text(connect({ port, host: '127.0.0.1' }))).toBe('hello');
    expect(transports).toHaveLength(2);
  });

  it('does not try again by itself after a refused login', async () => {
    const remote = await serve((socket) => socket.end('hello'));
    const first = localTransport();
    let attempts = 0;
    const { until } = await forwardTo(remote, async () => {
      attempts += 1;
      if (attempts === 1) return first;
      throw new AppError('auth-failed', { step: 'authenticate' });
    });
    const failed = until((forward) => forward.state.kind === 'failed');
    first.lose();
    expect((await failed).state).toMatchObject({ failure: { code: 'auth-failed', nextAttemptAt: null } });
    expect(attempts).toBe(2);
  });

  it('that cannot reach its host leaves no listener behind', async () => {
    const listener = await listenInRange(range, null);
    const refused = openForward({ hostId: 'h', port: 1, addresses: ['127.0.0.1'] }, listener, {
      transport: () => Promise.reject(new AppError('connection-refused')),
      onChange: () => undefined,
    });
    await expect(refused).rejects.toMatchObject({ code: 'connection-refused' });
    expect(listener.servers.some((server) => server.listening)).toBe(false);
  });
});

describe('local ports', () => {
  it('are the remembered one if it is free, else the next free one', async () => {
    const first = await listenInRange(range, 17_350);
    const second = await listenInRange(range, 17_350);
    opened.push(...first.servers, ...second.servers);
    expect([first.port, second.port]).toEqual([17_350, 17_300]);
  });

  it('that are taken or exhausted are clear errors', async () => {
    const taken = await listenInRange(range, null);
    opened.push(...taken.servers);
    await expect(listenOn(taken.port)).rejects.toMatchObject({ code: 'port-in-use' });
    await expect(listenInRange({ from: taken.port, to: taken.port }, null)).rejects.toMatchObject({
      code: 'ports-exhausted',
    });
  });

  it('are bound to loopback only', async () => {
    const listener = await listenInRange(range, null);
    opened.push(...listener.servers);
    const addresses = listener.servers.map((server) => (server.address() as AddressInfo).address);
    expect(addresses.every((address) => address === '127.0.0.1' || address === '::1')).toBe(true);
  });
});
