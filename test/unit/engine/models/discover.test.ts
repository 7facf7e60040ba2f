import pLimit from 'p-limit';
import { expect, onTestFinished, test } from 'vitest';
import { type DiscoverOptions, discoverServers } from '#engine/models/discover.ts';
import type { ListeningPort } from '#engine/probe/ports.ts';
import { createLocalTransport, type LocalTransportOptions } from '../../../engine/probe/local-transport.ts';
import { always, httpServer, tcpServer, vllm } from './servers.ts';

interface Asked extends Partial<DiscoverOptions> {
  readonly host?: LocalTransportOptions;
}

function discover({ host, ...options }: Asked) {
  const transport = createLocalTransport(host);
  onTestFinished(() => transport.close());
  const result = discoverServers({
    transport,
    hostId: 'gpu-7',
    listening: [],
    ports: null,
    extraPorts: [],
    skipPorts: [],
    limit: pLimit(32),
    apiKeyFor: () => null,
    timeoutMs: 5000,
    now: () => 1_700_000_000_000,
    ...options,
  });
  return { result, opened: transport.opened };
}

function listens(port: number, fields: Partial<ListeningPort> = {}): ListeningPort {
  return { port, address: '127.0.0.1', alternatives: [], process: null, pid: null, ...fields };
}

/** A port on which nothing listens: one that was free a moment ago. */
async function deadPort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  const port = await new Promise<number>((resolve) => {
    server.once('listening', () => resolve((server.address() as { port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  );

test('a vLLM server: models, context length, engine and version over one channel', async () => {
  const port = await httpServer(vllm('Qwen/Qwen2.5-14B'));
  const { result, opened } = discover({ listening: [listens(port)] });
  expect(await result).toEqual([
    {
      id: `gpu-7:${port}`,
      hostId: 'gpu-7',
      port,
      address: '127.0.0.1',
      state: { kind: 'up' },
      engine: 'vllm',
      version: '0.8.4',
      models: [{ id: 'Qwen/Qwen2.5-14B', maxModelLen: 8192, parent: null }],
      loads: [],
      seenAt: 1_700_000_000_000,
    },
  ]);
  expect(opened).toHaveLength(1);
});

test('several servers come in the order of their ports; what serves no models is no row', async () => {
  const ports = await Promise.all([
    httpServer(vllm('a')),
    httpServer(vllm('b')),
    httpServer(always(200, '<html></html>')),
    httpServer(always(404, 'Not Found')),
    tcpServer((socket) => socket.end('SSH-2.0-x\r\n')),
  ]);
  const servers = await discover({ listening: ports.map((port) => listens(port)) }).result;
  expect(servers.map((server) => server.port)).toEqual(ports.slice(0, 2).sort((a, b) => a - b));
});

test('where a server is expected, one that gives no list is a row with its reason', async () => {
  const html = await httpServer(always(200, '<!DOCTYPE html>'));
  const loading = await httpServer(always(503, '{"error":{"message":"Loading model"}}', 'application/json'));
  const silent = await tcpServer(() => undefined);
  const locked = await httpServer(always(401, '{"error":"Unauthorized"}', 'application/json'));
  const forbidden = await httpServer(always(403, ''));
  const ports = [html, loading, silent, locked, forbidden];
  const found = await discover({
    listening: ports.map((port) => listens(port)),
    extraPorts: ports,
    timeoutMs: 300,
  }).result;
  const state = (port: number) => found.find((server) => server.port === port)?.state;
  const failed = (code: string, detail: string) => ({
    kind: 'failed',
    failure: { code, detail: expect.stringContaining(detail), step: 'models' },
  });
  expect(state(html)).toMatchObject(failed('server-not-openai', 'an HTML page'));
  expect(state(loading)).toMatchObject(failed('server-error', 'Loading model'));
  expect(state(silent)).toMatchObject(failed('server-timeout', '300 ms'));
  expect(state(locked)).toEqual({ kind: 'locked' });
  expect(state(forbidden)).toEqual({ kind: 'locked' });
});

test('explicit ports: asked whether or not they are listed; a refused one is no row', async () => {
  const [good, html, dead] = await Promise.all([
    httpServer(vllm('a')),
    httpServer(always(200, '<html>')),
    deadPort(),
  ]);
  for (const listening of [null, [listens(good)]]) {
    const found = await discover({ listening, ports: [dead, html, good] }).result;
    expect(Object.fromEntries(found.map((server) => [server.port, server.state.kind]))).toEqual({
      [good]: 'up',
      [html]: 'failed',
    });
  }
});

test('of a wildcard the second address is tried when the first refuses', async () => {
  const port = await httpServer(vllm('six'), '::1');
  const { result, opened } = discover({ listening: [listens(port, { alternatives: ['::1'] })] });
  expect(await result).toMatchObject([{ port, address: '::1', models: [{ id: 'six' }] }]);
  expect(opened).toEqual([`127.0.0.1:${port}`, `::1:${port}`]);
});

test('another engine keeps its name; an OpenAI-style one with a context length and a version is vLLM', async () => {
  const named = await httpServer(always(200, '{"object":"list","data":[{"id":"m","owned_by":"llamacpp"}]}'));
  const plain = await httpServer(always(200, '{"object":"list","data":[{"id":"m","owned_by":"me"}]}'));
  const renamed = await httpServer((request, response) =>
    always(
      200,
      request.url === '/version'
        ? '{"version":"0.9.0"}'
        : '{"data":[{"id":"m","owned_by":"me","max_model_len":5}]}',
    )(request, response),
  );
  const found = await discover({ listening: [named, plain, renamed].map((port) => listens(port)) }).result;
  const engine = (port: number) => found.find((server) => server.port === port);
  expect(engine(named)).toMatchObject({ engine: 'llama.cpp', version: null });
  expect(engine(plain)).toMatchObject({ engine: 'openai', version: null });
  expect(engine(renamed)).toMatchObject({ engine: 'vllm', version: '0.9.0' });
});

test('a server without a version, or that fails when asked for it, is up all the same', async () => {
  const port = await httpServer((request, response) => {
    if (request.url === '/version') request.socket.destroy();
    else vllm('a')(request, response);
  });
  expect(await discover({ listening: [listens(port)] }).result).toMatchObject([
    { state: { kind: 'up' }, engine: 'vllm', version: null },
  ]);
});

test('a host that prohibits forwarding ends the search with that error, after a few tries', async () => {
  const port = await httpServer(vllm('a'));
  const listening = Array.from({ length: 40 }, (_, index) => listens(10_000 + index));
  const { result, opened } = discover({
    listening: [...listening, listens(port)],
    host: { prohibits: () => true },
    limit: pLimit(4),
  });
  expect(await failure(result)).toMatchObject({ code: 'forwarding-prohibited' });
  expect(opened.length).toBeLessThan(16);
  expect(await failure(discover({ ports: [port], host: { prohibits: () => true } }).result)).toMatchObject({
    code: 'forwarding-prohibited',
  });
});

test('a host that permits one target only still shows the server there', async () => {
  const port = await httpServer(vllm('a'));
  const others = Array.from({ length: 5 }, (_, index) => listens(10_000 + index));
  const found = await discover({
    listening: [...others, listens(port)],
    host: { prohibits: (_address, asked) => asked !== port },
  }).result;
  expect(found).toMatchObject([{ port, state: { kind: 'up' } }]);
});

test('the limit holds: no more servers are asked at once than it allows', async () => {
  let now = 0;
  let most = 0;
  const handler = vllm('a');
  const ports = await Promise.all(
    Array.from({ length: 6 }, () =>
      httpServer((request, response) => {
        now += 1;
        most = Math.max(most, now);
        setImmediate(() => {
          now -= 1;
          handler(request, response);
        });
      }),
    ),
  );
  const found = await discover({ listening: ports.map((port) => listens(port)), limit: pLimit(2) }).result;
  expect(found).toHaveLength(6);
  expect(most).toBeLessThanOrEqual(2);
});

test('aborting ends the search at once, waiting servers included', async () => {
  const abort = new AbortController();
  const port = await tcpServer((socket) => socket.on('data', () => abort.abort()));
  const listening = [listens(port), listens(10_000), listens(10_001)];
  const { result } = discover({ listening, signal: abort.signal, limit: pLimit(1) });
  expect(await failure(result)).toMatchObject({ code: 'cancelled' });
  expect(await failure(discover({ listening, signal: AbortSignal.abort() }).result)).toMatchObject({
    code: 'cancelled',
  });
});
