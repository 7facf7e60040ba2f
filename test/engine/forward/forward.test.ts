import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { Transport } from '#engine/ssh/transport.ts';
import { localTransport } from '../../support/socket-transport.ts';
import { freePort } from '../../support/ssh/sshd.ts';
import { expectFree } from '../../support/through.ts';
import { forwardTo, isListening, serve } from './forwarding.ts';

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
    await forward.close();
    await vi.waitFor(() => expect(client.closed, 'the connection of the client').toBe(true));
    await forward.close();
    await expectFree(port);
  });

  it('ends the connection to the host when the client goes away', async () => {
    let atRemote = 'open';
    const remote = await serve((socket) => {
      socket.write('hello');
      socket.once('close', () => {
        atRemote = 'closed';
      });
    });
    const { port } = await forwardTo(remote, async () => localTransport());
    const client = connect({ port, host: '127.0.0.1' });
    await once(client, 'data');
    client.destroy();
    await vi.waitFor(() => expect(atRemote).toBe('closed'));
  });

  it('opens although nothing listens yet, and says so', async () => {
    const { forward, until } = await forwardTo(await freePort(), async () => localTransport());
    await forward.opened;
    const down = await until(({ health }) => health.kind === 'model-down');
    expect(down).toMatchObject({
      state: { kind: 'listening' },
      health: { failure: { code: 'target-refused' } },
      lastError: { code: 'target-refused' },
    });
  });

  it('keeps its port while the connection under it is replaced', async () => {
    const remote = await serve((socket) => socket.end('hello'));
    const transports: ReturnType<typeof localTransport>[] = [];
    const { forward, port, until } = await forwardTo(remote, async () => {
      const transport = localTransport();
      transports.push(transport);
      return transport;
    });
    await forward.opened;
    const away = until(({ state }) => state.kind === 'retrying');
    transports[0]?.lose();
    expect((await away).localPort).toBe(port);
    // A client that comes meanwhile is held until the new connection stands.
    expect(await text(connect({ port, host: '127.0.0.1' }))).toBe('hello');
    expect(transports).toHaveLength(2);
  });

  it('cuts what is in flight when the connection is lost, so that half a reply is not taken for a whole', async () => {
    const remote = await serve((socket) => socket.write('half'));
    const transport = localTransport();
    const { port } = await forwardTo(remote, async () => transport);
    const client = connect({ port, host: '127.0.0.1' });
    await once(client, 'data');
    const failed = once(client, 'error');
    transport.lose();
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it('does not wait for its host: it is there at once and comes with it', async () => {
    const remote = await serve((socket) => socket.end('hello'));
    let attempts = 0;
    const { forward, port, until } = await forwardTo(remote, async () => {
      attempts += 1;
      if (attempts === 1) throw new AppError('connection-refused');
      return localTransport();
    });
    await expect(forward.opened).rejects.toMatchObject({ code: 'connection-refused' });
    expect(forward.current()).toMatchObject({
      localPort: port,
      state: { kind: 'retrying', failure: { nextAttemptAt: expect.any(Number) } },
    });
    // A client that comes has its host tried.
    const client = text(connect({ port, host: '127.0.0.1' }));
    await until(isListening);
    expect(await client).toBe('hello');
  });

  it('does not try again by itself after a refused login, and turns clients away at once; told to, it does', async () => {
    const remote = await serve((socket) => socket.end('hello'));
    const first = localTransport();
    let attempts = 0;
    let refuses = true;
    const { forward, port, until } = await forwardTo(remote, async (): Promise<Transport> => {
      attempts += 1;
      if (attempts === 1) return first;
      if (refuses) throw new AppError('auth-failed', { step: 'authenticate' });
      return localTransport();
    });
    await forward.opened;
    const failed = until(({ state }) => state.kind === 'failed');
    first.lose();
    expect((await failed).state).toMatchObject({ failure: { code: 'auth-failed', nextAttemptAt: null } });
    await expect(text(connect({ port, host: '127.0.0.1' }))).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(attempts).toBe(2);
    refuses = false;
    forward.retry();
    await until(isListening);
    expect(await text(connect({ port, host: '127.0.0.1' }))).toBe('hello');
  });

  it('has failed where the host does not forward', async () => {
    const prohibiting: Transport = {
      ...localTransport(),
      stream: () => Promise.reject(new AppError('forwarding-prohibited')),
    };
    const { forward } = await forwardTo(1, async () => prohibiting);
    await expect(forward.opened).rejects.toMatchObject({ code: 'forwarding-prohibited' });
    expect(forward.current().state.kind).toBe('failed');
  });
});
