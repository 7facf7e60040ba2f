import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Joins a local socket and a channel both ways with backpressure; each direction ends on its own, so that a reply may
 * follow the other side's end. Resolves when both are closed; a failure on either side closes the other. Never rejects.
 */
export async function pipeBoth(socket: Socket, channel: Duplex): Promise<void> {
  const bothClosed = Promise.all([closed(socket), closed(channel)]);
  socket.on('error', () => channel.destroy());
  // A reset, because an orderly end would make a reply that is cut short look like a whole one.
  channel.on('error', () => reset(socket));
  // The client is gone before the host's end: nothing is left to read what still comes.
  socket.once('close', () => {
    if (!channel.readableEnded) channel.destroy();
  });
  // The host reads no more: what it sent is flushed, what the client still sends has nowhere to go.
  channel.once('close', () => socket.destroySoon());
  socket.pipe(channel);
  channel.pipe(socket);
  if (socket.destroyed) channel.destroy();
  await bothClosed;
}

/** Closes a connection so that its other end sees a failure. */
export function reset(socket: Socket): void {
  // Node forgets the handle of a socket that is reset while its orderly end is under way, and leaves it open for ever.
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}

function closed(side: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (side.closed) resolve();
    else side.once('close', resolve);
  });
}
