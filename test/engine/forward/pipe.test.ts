import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { pipeBoth } from '#engine/forward/pipe.ts';
import { serve } from './forwarding.ts';

it('closes the socket also when the channel is lost in the moment in which it ends', async () => {
  let accept: (socket: Socket) => void = () => undefined;
  const accepted = new Promise<Socket>((resolve) => {
    accept = resolve;
  });
  const client = connect({ port: await serve((socket) => accept(socket)), host: '127.0.0.1' });
  client.on('error', () => undefined).resume();
  const channel = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const socket = await accepted;
  const errors: unknown[] = [];
  socket.on('error', (error) => errors.push(error));
  const over = pipeBoth(socket, channel);
  channel.once('end', () => channel.destroy(new Error('lost')));
  channel.push('all');
  channel.push(null);
  await over;
  expect(socket.closed).toBe(true);
  expect(errors).toEqual([]);
  if (!client.closed) await once(client, 'close');
});
