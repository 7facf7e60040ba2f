import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { AppError } from '#common/failure.ts';
import type { Pool } from '#engine/ssh/pool.ts';
import type { Transport } from '#engine/ssh/transport.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { output, poolFor, rejection } from '../../support/ssh/pool-for.ts';
import { freePort, type Sshd, sshdAvailable, startSshd } from '../../support/ssh/sshd.ts';
import { startDeafPort } from './deaf-port.ts';

describe.skipIf(!sshdAvailable())('a connection to a real sshd', () => {
  let sshd: Sshd;
  let folder: Folder;
  let pool: Pool;
  let transport: Transport;

  beforeAll(async () => {
    folder = await temporaryFolder();
    sshd = await startSshd({ env: { LAB_MARK: 'seen' } });
    pool = poolFor(await sshd.configPath(folder.path));
    ({ transport } = await pool.get('lab'));
  });
  afterAll(async () => {
    await pool?.dispose();
    await sshd?.stop();
    await folder?.remove();
  });

  it('runs a command and ends with its output', async () => {
    expect(await output(transport, 'echo $LAB_MARK; echo hidden >&2')).toBe('seen\n');
  });

  it('passes stdin on and takes the end of the Duplex for EOF', async () => {
    const stream = await transport.exec('cat; echo done');
    stream.end('hello ');
    expect(await text(stream)).toBe('hello done\n');
  });

  it('carries ten megabytes both ways unchanged', async () => {
    const stream = await transport.exec('cat');
    const sent = Buffer.alloc(10_000_000, 'abcdefghijklmnopqrstuvwxyz0123456789');
    stream.end(sent);
    expect((await buffer(stream)).equals(sent)).toBe(true);
  });

  it('closes a stream that is destroyed while the command runs', async () => {
    const stream = await transport.exec('exec cat');
    stream.destroy();
    await once(stream, 'close');
    expect(stream.destroyed).toBe(true);
    expect(await output(transport, 'echo still here')).toBe('still here\n');
  });

  it('closes by itself when the command has ended, even if it is still written to', async () => {
    const stream = await transport.exec('exit 3');
    stream.resume();
    await once(stream, 'close');
    expect(stream.destroyed).toBe(true);
  });

  it('counts what it receives', async () => {
    const before = transport.bytesReceived();
    await output(transport, 'head -c 100000 /dev/zero');
    expect(transport.bytesReceived() - before).toBeGreaterThan(100_000);
  });

  it('answers a ping', async () => {
    const before = transport.bytesReceived();
    await transport.ping(5000);
    expect(transport.bytesReceived()).toBeGreaterThan(before);
  });

  it('opens a stream to a port of the host, and keeps it half open', async () => {
    const server = await echoAfterEnd();
    const stream = await transport.stream('127.0.0.1', server.port);
    stream.end('question');
    expect(await text(stream)).toBe('answer to question');
    await server.close();
  });

  it('says so when nothing listens on the port', async () => {
    const error = await rejection(transport.stream('127.0.0.1', await freePort()));
    expect(error).toMatchObject({ code: 'target-refused', detail: 'Connection refused' });
  });

  it.skipIf(process.platform !== 'linux')('gives up a stream to a port that drops packets', async () => {
    const deaf = await startDeafPort();
    onTestFinished(deaf.close);
    const opening = transport.stream('127.0.0.1', deaf.port, { timeoutMs: 300 });
    expect(await rejection(opening)).toMatchObject({
      code: 'server-timeout',
      detail: 'the host opened no channel in time',
    });
    deaf.hear();
    expect(await output(transport, 'echo unharmed')).toBe('unharmed\n');
  });

  it('gives up an opening that is aborted', async () => {
    const controller = new AbortController();
    const opening = transport.exec('echo late', { signal: controller.signal });
    controller.abort();
    expect((await rejection(opening)).code).toBe('cancelled');
    expect((await rejection(transport.exec('true', { signal: controller.signal }))).code).toBe('cancelled');
  });
});

describe.skipIf(!sshdAvailable())('the end of a connection', () => {
  let sshd: Sshd;
  let folder: Folder;
  let pool: Pool;

  beforeAll(async () => {
    folder = await temporaryFolder();
    sshd = await startSshd();
    pool = poolFor(await sshd.configPath(folder.path));
  });
  afterAll(async () => {
    await pool?.dispose();
    await sshd?.stop();
    await folder?.remove();
  });

  it('is told to streams, requests and listeners when the host goes away, and the next get connects anew', async () => {
    const { transport } = await pool.get('lab');
    const stream = await transport.exec('exec cat');
    const streamError = once(stream, 'error');
    const closed = new Promise<AppError>((resolve) => transport.onClose(resolve));
    await sshd.killSessions();
    expect((await closed).code).toBe('connection-lost');
    expect(await streamError).toMatchObject([{ code: 'connection-lost' }]);
    for (const request of [transport.exec('true'), transport.stream('127.0.0.1', 1), transport.ping(1000)])
      expect((await rejection(request)).code).toBe('connection-lost');
    expect(pool.peek('lab')).toBeNull();
    const again = await pool.get('lab');
    expect(again.transport).not.toBe(transport);
    expect(await output(again.transport, 'echo back')).toBe('back\n');
  });

  it('does not end the process when nobody listens for the error of a stream', async () => {
    const { transport } = await pool.get('lab');
    const stream = await transport.exec('exec cat');
    const closed = new Promise<void>((resolve) => stream.on('close', resolve));
    await sshd.killSessions();
    await closed;
    expect(stream.readableEnded).toBe(false);
  });

  it('comes with close, which may be called twice', async () => {
    const { transport } = await pool.get('lab');
    const closed = new Promise<AppError>((resolve) => transport.onClose(resolve));
    transport.close();
    transport.close();
    expect((await rejection(transport.exec('true'))).code).toBe('connection-lost');
    expect((await closed).code).toBe('connection-lost');
    const late = new Promise<AppError>((resolve) => transport.onClose(resolve));
    expect(await late).toBe(await closed);
  });
});

interface EchoServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers only after the other side has ended, as a server does that reads the whole request first. */
async function echoAfterEnd(): Promise<EchoServer> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket: Socket) => {
    let question = '';
    // Not `text(socket)`: that destroys the socket at the end of its readable half.
    socket.on('data', (chunk) => {
      question += chunk;
    });
    socket.on('end', () => socket.end(`answer to ${question}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
