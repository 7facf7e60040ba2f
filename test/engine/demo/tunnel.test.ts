import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import ssh2, { type Client } from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shellAt } from '../../../main/demo/host-shell.ts';
import { newKey } from '../../../main/demo/keys.ts';
import { type SshHost, startSshHost } from '../../../main/demo/ssh-host.ts';
import { openTunnel, textOf } from './demo-client.ts';

let backend: Server;
let host: SshHost;
let client: Client;
const arrived: Socket[] = [];

beforeAll(async () => {
  backend = createServer({ allowHalfOpen: true }, (socket) => arrived.push(socket));
  backend.listen(0, '127.0.0.1');
  await once(backend, 'listening');
  const key = newKey();
  host = await startSshHost({
    hostKey: newKey().private,
    clientKey: key.parsed,
    behaviour: { kind: 'normal' },
    runShell: shellAt({ env: {}, cwd: tmpdir() }),
    service: () => (backend.address() as AddressInfo).port,
  });
  client = new ssh2.Client();
  client.connect({
    sock: connect({ host: '127.0.0.1', port: host.port, noDelay: true }),
    username: 'demo',
    privateKey: key.private,
  });
  await once(client, 'ready');
});
afterAll(async () => {
  client.destroy();
  await host.close();
  await new Promise((resolve) => backend.close(resolve));
});

const open = async () => {
  const channel = await openTunnel(client, 1);
  const socket = arrived.at(-1);
  if (socket === undefined) throw new Error('nothing arrived');
  return { channel, socket };
};

test('an answer that begins after the client’s end arrives', async () => {
  const { channel, socket } = await open();
  const request = textOf(socket);
  const answer = textOf(channel);
  channel.end('question');
  expect(await request).toBe('question');
  socket.end('answer');
  expect(await answer).toBe('answer');
});

test('what the client sends after the server’s end arrives', async () => {
  const { channel, socket } = await open();
  const answer = textOf(channel);
  const request = textOf(socket);
  socket.end('greeting');
  expect(await answer).toBe('greeting');
  channel.end('reply');
  expect(await request).toBe('reply');
});

test('twenty megabytes pass intact each way', async () => {
  const { channel, socket } = await open();
  const down = textOf(channel);
  const up = textOf(socket);
  socket.end('d'.repeat(20_000_000));
  channel.end('u'.repeat(20_000_000));
  expect((await up) === 'u'.repeat(20_000_000)).toBe(true);
  expect((await down) === 'd'.repeat(20_000_000)).toBe(true);
});

test('either side that breaks ends the other', async () => {
  const first = await open();
  const channelClosed = once(first.channel.resume(), 'close');
  first.socket.resetAndDestroy();
  await channelClosed;
  const second = await open();
  const socketClosed = new Promise((resolve) => second.socket.resume().on('close', resolve));
  second.channel.close();
  // The server goes on sending into a connection that is gone, until it learns so.
  const send = () => second.socket.write('more', (error) => error ?? setImmediate(send));
  second.socket.on('error', () => undefined).on('end', send);
  await socketClosed;
});
