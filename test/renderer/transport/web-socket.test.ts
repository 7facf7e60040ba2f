// @vitest-environment node
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { LinkState } from '#common/bridge.ts';
import { createWebSocketTransport, type WebSocketTransport } from '../../../renderer/transport/web-socket.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

interface Frame {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

/** A real WebSocket host. `answer` gives the frames to send back, or null to stay silent. */
async function serve(answer: (frame: Frame) => unknown, port = 0) {
  const http: Server = createServer();
  const sockets = new WebSocketServer({ server: http, path: '/socket' });
  const received: Frame[] = [];
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as Frame;
      received.push(frame);
      const reply = answer(frame);
      if (reply !== null) socket.send(JSON.stringify({ id: frame.id, reply }));
    });
  });
  await new Promise<void>((done) => http.listen(port, '127.0.0.1', done));
  const drop = () => {
    for (const socket of sockets.clients) socket.terminate();
  };
  const stop = () => {
    drop();
    sockets.close();
    http.close();
  };
  closers.push(stop);
  const send = (text: string) => {
    for (const socket of sockets.clients) socket.send(text);
  };
  return { port: (http.address() as AddressInfo).port, received, drop, stop, send };
}

function connect(port: number): { transport: WebSocketTransport; states: LinkState[] } {
  const transport = createWebSocketTransport({
    url: `ws://127.0.0.1:${port}/socket`,
    key: () => 'secret',
    createSocket: (url, protocols) => new WebSocket(url, protocols) as unknown as globalThis.WebSocket,
    firstDelayMs: 5,
    longestDelayMs: 20,
  });
  closers.push(transport.close);
  const states: LinkState[] = [];
  transport.onLink((state) => states.push(state));
  return { transport, states };
}

const echo = (frame: Frame) => ({ ok: true, value: frame.input });

test('a request made before the socket is open is sent once it is, and answered by its id', async () => {
  const { port, received } = await serve(echo);
  const { transport, states } = connect(port);
  const replies = await Promise.all([
    transport.request('scan.start', { hostIds: ['a'] }),
    transport.request('scan.start', { hostIds: ['b'] }),
  ]);
  expect(replies).toEqual([
    { ok: true, value: { hostIds: ['a'] } },
    { ok: true, value: { hostIds: ['b'] } },
  ]);
  expect(received.map(({ name }) => name)).toEqual(['scan.start', 'scan.start']);
  expect(await transport.request('scan.cancel', {})).toEqual({ ok: true, value: {} });
  expect(states).toEqual(['open']);
});

test('pushes reach their listeners until those leave; other frames are ignored', async () => {
  const { port, send } = await serve(echo);
  const { transport } = connect(port);
  const seen: unknown[] = [];
  const leave = transport.on('patch', (payload) => seen.push(payload));
  await transport.request('scan.cancel', {});
  for (const noise of ['not json', '7', 'null', '{"id":99,"reply":{"ok":true}}', '{}']) send(noise);
  send(JSON.stringify({ push: 'patch', payload: { revision: 1 } }));
  await transport.request('scan.cancel', {});
  expect(seen).toEqual([{ revision: 1 }]);
  leave();
  send(JSON.stringify({ push: 'patch', payload: { revision: 2 } }));
  await transport.request('scan.cancel', {});
  expect(seen).toHaveLength(1);
});

test('when the link drops, what waits fails with connection-lost, and it connects again by itself', async () => {
  const { port, received, drop } = await serve((frame) => (frame.name === 'scan.start' ? null : echo(frame)));
  const { transport, states } = connect(port);
  const waiting = transport.request('scan.start', {});
  await vi.waitFor(() => expect(received).toHaveLength(1));
  drop();
  expect(await waiting).toEqual({ ok: false, error: { code: 'connection-lost', detail: '' } });
  await vi.waitFor(() => expect(states).toEqual(['open', 'lost', 'open']));
  expect((await transport.request('scan.cancel', {})).ok).toBe(true);
});

test('while nobody listens it keeps trying, and requests fail at once', async () => {
  const first = await serve(echo);
  const { transport, states } = connect(first.port);
  await transport.request('scan.cancel', {});
  first.stop();
  await vi.waitFor(() => expect(states.filter((state) => state === 'lost').length).toBeGreaterThan(2));
  expect(await transport.request('scan.cancel', {})).toMatchObject({
    ok: false,
    error: { code: 'connection-lost' },
  });
  await serve(echo, first.port);
  await vi.waitFor(() => expect(states.at(-1)).toBe('open'));
  expect((await transport.request('scan.cancel', {})).ok).toBe(true);
});

test('closing ends it for good', async () => {
  const { port } = await serve(() => null);
  const { transport, states } = connect(port);
  const waiting = transport.request('scan.cancel', {});
  await vi.waitFor(() => expect(states).toEqual(['open']));
  transport.close();
  transport.close();
  expect((await waiting).ok).toBe(false);
  expect((await transport.request('scan.cancel', {})).ok).toBe(false);
  expect(states).toEqual(['open']);
});
