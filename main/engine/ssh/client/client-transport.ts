import { type Duplex, finished } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { AppError, type ErrorCode } from '#common/failure.ts';
import { after } from '#common/timer.ts';
import { execFailure, lostConnection, streamFailure } from '../failure.ts';
import { JoinedStream } from '../io/joined-stream.ts';
import { createLifetime, type Lifetime, request } from '../io/lifetime.ts';
import type { ExecOptions, Transport } from '../transport.ts';
import { createChannelWindows } from './channel-window.ts';
import { gatherWrites } from './gathered-writes.ts';
import { createUnasked } from './unasked.ts';

/** After this long, what was still to be sent at closing is given up. */
const closeGraceMs = 1000;

/**
 * The Transport of an ssh2 Client that is ready, on its own socket. Its streams fail with `connection-lost` when the
 * connection does; they may be left without an `error` listener.
 */
export function createClientTransport(client: Client, socket: Duplex, answered: boolean): Transport {
  const lifetime = createLifetime();
  let received = 0;
  let closing = false;
  /** The shortest time in which a channel was opened. */
  let roundTripMs = Number.POSITIVE_INFINITY;
  const windows = createChannelWindows();

  const unasked = createUnasked();
  const channels = new Set<ClientChannel>();
  const waiting = (): number => [...channels].reduce((sum, channel) => sum + channel.readableLength, 0);

  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    unasked.received(chunk.length);
    if (!unasked.isTooMuch(waiting)) return;
    lifetime.end(new AppError('probe-garbled', { detail: 'the host sends what it was not asked for' }));
    client.end();
    socket.destroy();
  });
  gatherWrites(socket);
  watchEnd(client, socket, lifetime);

  const open = async (
    { onStderr, ...options }: ExecOptions,
    timeoutCode: ErrorCode,
    start: StartOpening,
  ): Promise<Duplex> => {
    const askedAt = performance.now();
    const channel = await request<ClientChannel>({
      ...options,
      lifetime,
      start: (answer) => {
        // Between its socket's end and `close`, ssh2 throws "Not connected".
        if (closing) throw lostConnection(null);
        start((error, opened) => answer(error ?? null, error ? undefined : opened));
      },
      onTimeout: () => new AppError(timeoutCode, { detail: 'the host opened no channel in time' }),
      discard: (late) => late.destroy(),
    });
    roundTripMs = Math.min(roundTripMs, performance.now() - askedAt);
    channel.stderr.on('data', (chunk: Buffer) => onStderr?.(chunk.length));
    channels.add(channel);
    channel.on('data', (chunk: Buffer) => unasked.taken(chunk.length));
    channel.once('close', () => channels.delete(channel));
    const stream = streamOf(channel, lifetime, () => {
      channels.delete(channel);
      unasked.abandoned(channel.readableLength + windows.mayStillCome(channel));
    });
    windows.widen(channel, roundTripMs);
    return stream;
  };

  return {
    client: 'built-in',
    answered,
    exec: (command, options = {}) =>
      open(options, 'probe-timeout', (answer) => client.exec(command, answer)).catch((error: Error) => {
        throw execFailure(error);
      }),
    stream: (address, port, options = {}) =>
      open(options, 'server-timeout', (answer) =>
        client.forwardOut('127.0.0.1', 0, address, port, answer),
      ).catch((error: Error) => {
        throw streamFailure(error);
      }),
    socket: (path, options = {}) =>
      open(options, 'server-timeout', (answer) => client.openssh_forwardOutStreamLocal(path, answer)).catch(
        (error: Error) => {
          throw streamFailure(error);
        },
      ),
    async ping(timeoutMs) {
      await request<true>({
        timeoutMs,
        lifetime,
        // ssh2 has no ping of its own. To cancel a forward that was never asked for changes nothing on the host, which
        // must answer it all the same (RFC 4254, 7.1); that the answer is a refusal does not matter.
        start: (answer) => client.unforwardIn('127.0.0.1', 1, () => answer(null, true)),
        onTimeout: () => new AppError('connection-timeout', { detail: 'no answer to a ping' }),
      });
    },
    bytesReceived: () => received,
    onClose: (listener) => lifetime.onEnd(listener),
    close(reason) {
      if (closing || lifetime.reason() !== null) return;
      closing = true;
      // Users of a dead connection must know at once; its socket may take a while.
      if (reason !== undefined) lifetime.end(reason);
      const timer = after(closeGraceMs, () => socket.destroy());
      socket.once('close', () => timer.cancel());
      client.end();
      finished(socket, { readable: false }, () => socket.destroy());
    },
  };
}

type StartOpening = (answer: (error: Error | undefined, channel: ClientChannel) => void) => void;

function watchEnd(client: Client, socket: Duplex, lifetime: Lifetime): void {
  let firstError: Error | null = null;
  const end = (): void => lifetime.end(lostConnection(firstError));
  client.on('error', (error) => {
    firstError ??= error;
    // After a protocol error ssh2 ends only its own side and would wait for the other's.
    socket.destroy();
  });
  client.once('end', () => socket.destroy()).once('close', end);
  // The connection may have ended since the client was ready.
  if (socket.destroyed) end();
}

function streamOf(channel: ClientChannel, lifetime: Lifetime, onRelease: () => void): Duplex {
  const stream = new JoinedStream({
    readable: channel,
    writable: channel,
    release: () => {
      onRelease();
      channel.destroy();
    },
  });
  const offEnd = lifetime.onEnd((reason) => stream.destroy(reason));
  stream.once('close', offEnd);
  return stream;
}
