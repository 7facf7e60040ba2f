/** Joins a direct-tcpip channel to a socket on this computer, each direction closed on its own. */

import { connect, type Socket } from 'node:net';
import type { ServerChannel } from 'ssh2';

export interface ChannelRequest {
  readonly accept: () => ServerChannel;
  readonly reject: () => void;
}

/** Connects to the port and only then accepts the channel, or rejects it. Returns the socket, whose end is the end of both. */
export function openTunnel(port: number, { accept, reject }: ChannelRequest): Socket {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
  socket.on('error', reject);
  socket.once('connect', () => {
    const channel = accept();
    channel.pipe(socket);
    socket.pipe(channel, { end: false });
    // ssh2's server closes the whole channel on end(); eof() after the last write leaves the other direction open.
    const afterWrites = (then: () => void) => channel.write(Buffer.alloc(0), then);
    socket.on('end', () => afterWrites(() => channel.eof()));
    socket.on('close', () => afterWrites(() => channel.close()));
    channel.on('close', () => socket.destroy());
  });
  return socket;
}
