import pLimit from 'p-limit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createHttpClient } from '#engine/models/http.ts';
import type { ListeningPort } from '#engine/probe/ports.ts';
import { discover, listens } from '../../support/discovery.ts';
import { createLocalTransport } from '../../support/local-transport.ts';
import { always, httpServer, tcpServer, vllm } from '../../support/model-servers.ts';
import { freePort } from '../../support/ssh/sshd.ts';

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
      process: null,
      seenAt: 1_700_000_000_000,
    },
  ]);
  expect(opened).toHaveLength(1);
});

test('a server found before is asked over the channel that is open to it, which stays open', async () => {
  const port = await httpServer(vllm('m'));
  const listening = [listens(port)];
  const known = await discover({ listening }).result;
  const transport = createLocalTransport();
  const open = () => transport.stream('127.0.0.1', port);
  const client = createHttpClient({ open, authority: `127.0.0.1:${port}`, timeoutMs: 5000 });
  onTestFinished(() => {
    client.close();
    transport.close();
  });
  await client.get('/version');
  const { result, opened } = discover({ listening, known, clientOf: () => client });
  expect(await result).toEqual(known);
  expect(opened).toEqual([]);
  expect((await client.get('/version')).status).toBe(200);
  expect(transport.opened).toHaveLength(1);
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
  const broken = await httpServer(always(503, 'no backend', 'text/plain'));
  const silent = await tcpServer(() => undefined);
  const locked = await httpServer(always(401, '{"error":"Unauthorized"}', 'application/json'));
  const forbidden = await httpServer(always(403, ''));
  const ports = [html, broken, silent, locked, forbidden];
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
  expect(state(broken)).toMatchObject(failed('server-error', 'status 503 no backend'));
  expect(state(silent)).toMatchObject(failed('server-timeout', '300 ms'));
  expect(state(locked)).toEqual({ kind: 'locked' });
  expect(state(forbidden)).toEqual({ kind: 'locked' });
});

test('explicit ports: asked whether or not they are listed; a refused one is no row', async () => {
  const [good, html, dead] = await Promise.all([
    httpServer(vllm('a')),
    httpServer(always(200, '<html>')),
    freePort(),
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

test('a server that was found at the second address is asked there first', async () => {
  const port = await httpServer(vllm('six'), '::1');
  const listening = [listens(port, { alternatives: ['::1'] })];
  const known = await discover({ listening }).result;
  const { result, opened } = discover({ listening, known });
  expect(await result).toEqual(known);
  expect(opened).toEqual([`::1:${port}`]);
});

describe('a process that is known to serve models, on ports of the system', () => {
  const starts = { process: 'vllm', pid: 4242 };
  const zeroMq = () => tcpServer((socket) => socket.write(Buffer.from('ff00000000000000017f', 'hex')));
  const search = (ports: readonly number[], fields: Partial<ListeningPort> = starts) =>
    discover({ listening: ports.map((port) => listens(port, fields)), timeoutMs: 300 }).result;

  test('is starting while none of them answers: one row, whatever they say instead', async () => {
    const ports = [
      await zeroMq(),
      await tcpServer(() => undefined),
      await tcpServer((socket) => socket.end()),
    ];
    const rows = await search(ports);
    expect(rows).toMatchObject([
      { port: Math.min(...ports), state: { kind: 'starting' }, engine: 'vllm', version: null, models: [] },
    ]);
  });

  test('is what answers, once that does', async () => {
    const [inner, api] = [await zeroMq(), await httpServer(vllm('a'))];
    expect(await search([inner, api])).toMatchObject([{ port: api, state: { kind: 'up' } }]);
  });

  test('is no row where it answers something else, or nothing listens any more', async () => {
    expect(await search([await httpServer(always(404, '404 page not found'))])).toEqual([]);
    expect(await search([await freePort()])).toEqual([]);
  });

  test('nor is any other process that is silent', async () => {
    expect(await search([await zeroMq()], { process: 'python3', pid: 1 })).toEqual([]);
    expect(await search([await zeroMq()], {})).toEqual([]);
  });

  test('nor where the host opens no channel to it', async () => {
    const [port, open] = [await zeroMq(), await httpServer(vllm('a'))];
    const found = await discover({
      listening: [listens(port, starts), listens(open)],
      host: { prohibits: (_address, asked) => asked === port },
      limit: pLimit(1),
    }).result;
    expect(found.map((server) => server.port)).toEqual([open]);
  });
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

test('many ports asked at once draw no warning of a leak', async () => {
  const warnings: string[] = [];
  const listener = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', listener);
  const port = await httpServer(vllm('a'));
  await discover({ listening: Array.from({ length: 40 }, () => listens(port)), limit: pLimit(32) }).result;
  // Warnings come on the next tick.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listener);
  expect(warnings).toEqual([]);
});
