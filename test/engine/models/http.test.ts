import type { Duplex } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createHttpClient, type HttpClient, isApiKey } from '#engine/models/http.ts';
import { createLocalTransport, type LocalTransport } from '../../support/local-transport.ts';
import { bytesInUse } from '../../support/memory.ts';
import { always, httpServer, tcpServer } from '../../support/model-servers.ts';

interface Using {
  readonly timeoutMs?: number;
  readonly apiKey?: string;
}

function clientOf(
  port: number,
  { timeoutMs = 5000, apiKey }: Using = {},
): { client: HttpClient; transport: LocalTransport } {
  const transport = createLocalTransport();
  const client = createHttpClient({
    open: (signal) => transport.stream('127.0.0.1', port, { timeoutMs, ...(signal && { signal }) }),
    authority: `127.0.0.1:${port}`,
    timeoutMs,
    ...(apiKey !== undefined && { apiKey }),
  });
  onTestFinished(() => {
    client.close();
    transport.close();
  });
  return { client, transport };
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  );

test('status, media type and body; several requests share one channel', async () => {
  const seen: string[] = [];
  const port = await httpServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.host} ${request.headers.accept}`);
    always(200, 'hällo')(request, response);
  });
  const { client, transport } = clientOf(port);
  for (const path of ['/v1/models', '/version'])
    expect(await client.get(path)).toEqual({
      status: 200,
      contentType: 'text/html',
      server: '',
      body: 'hällo',
    });
  expect(seen).toEqual([
    `GET /v1/models 127.0.0.1:${port} application/json, text/plain`,
    `GET /version 127.0.0.1:${port} application/json, text/plain`,
  ]);
  expect(transport.opened).toHaveLength(1);
});

test('a server that goes over to another protocol is no HTTP server, at once', async () => {
  const port = await tcpServer((socket) =>
    socket.once('data', () =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    ),
  );
  const { client } = clientOf(port, { timeoutMs: 60_000 });
  expect(await failure(client.get('/v1/models'))).toMatchObject({
    code: 'server-not-openai',
    detail: 'something else than HTTP',
  });
});

test('a server that closes after each answer gets another channel', async () => {
  const port = await tcpServer((socket) =>
    socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{}')),
  );
  const { client, transport } = clientOf(port);
  for (const path of ['/a', '/b'])
    expect(await client.get(path)).toEqual({
      status: 200,
      contentType: 'application/json',
      server: '',
      body: '{}',
    });
  expect(transport.opened).toHaveLength(2);
});

test('a server that closes channels that it has promised to keep gets another one', async () => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok';
  const port = await tcpServer((socket) => socket.on('data', () => socket.end(answer)));
  const { client, transport } = clientOf(port);
  for (let round = 0; round < 20; round += 1) expect(await client.get('/')).toMatchObject({ body: 'ok' });
  expect(transport.opened).toHaveLength(20);
});

test('a channel that stays open keeps no answer in memory', async () => {
  const port = await httpServer(always(200, 'x'.repeat(500_000)));
  const clients = Array.from({ length: 20 }, () => clientOf(port).client);
  const lengths = async () =>
    await Promise.all(clients.map(async (client) => (await client.get('/metrics')).body.length));
  expect(await lengths()).toEqual(clients.map(() => 500_000));
  const before = bytesInUse();
  const others = Array.from({ length: 20 }, () => clientOf(port).client);
  clients.splice(0, clients.length, ...others);
  await lengths();
  // What is still on its way through the sockets is let go of a moment later.
  await vi.waitFor(() => expect(bytesInUse() - before).toBeLessThan(4_000_000));
});

test('a channel that is used again and again gathers no listeners', async () => {
  const port = await httpServer(always(200, 'ok'));
  const transport = createLocalTransport();
  onTestFinished(() => transport.close());
  const channels: Duplex[] = [];
  const open = async () => {
    const channel = await transport.stream('127.0.0.1', port, {});
    channels.push(channel);
    return channel;
  };
  const client = createHttpClient({ open, authority: 'a:1', timeoutMs: 5000 });
  onTestFinished(() => client.close());
  const listeners = () => channels[0]?.eventNames().map((name) => channels[0]?.listenerCount(name));
  await client.get('/');
  await new Promise(setImmediate);
  const before = listeners();
  for (let round = 0; round < 20; round += 1) {
    await client.get('/');
    await new Promise(setImmediate);
  }
  expect(listeners()).toEqual(before);
  expect(channels).toHaveLength(1);
});

test('the key goes to the server it is for', async () => {
  const seen: (string | undefined)[] = [];
  const port = await httpServer((request, response) => {
    seen.push(request.headers.authorization);
    always(200, 'ok')(request, response);
  });
  const transport = createLocalTransport();
  onTestFinished(() => transport.close());
  for (const apiKey of ['sk-1', null]) {
    const open = () => transport.stream('127.0.0.1', port, {});
    const client = createHttpClient({ open, authority: 'a:1', timeoutMs: 5000, apiKey });
    await client.get('/');
    client.close();
  }
  expect(seen).toEqual(['Bearer sk-1', undefined]);
});

test('a redirect is an answer like any other', async () => {
  const port = await httpServer((_request, response) =>
    response.writeHead(302, { location: '/elsewhere' }).end(),
  );
  expect(await clientOf(port).client.get('/')).toMatchObject({ status: 302, body: '' });
});

test('a server that never answers, or stops in the middle: server-timeout', async () => {
  const silent = await tcpServer(() => undefined);
  const stuck = await tcpServer((socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
  );
  for (const port of [silent, stuck])
    expect(await failure(clientOf(port, { timeoutMs: 200 }).client.get('/'))).toMatchObject({
      code: 'server-timeout',
      step: 'models',
      detail: 'no answer for 200 ms',
    });
});

test('what speaks no HTTP: server-not-openai', async () => {
  const port = await tcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2p1\r\n'));
  expect(await failure(clientOf(port).client.get('/'))).toMatchObject({
    code: 'server-not-openai',
    detail: 'something else than HTTP',
  });
});

test('closed without an answer: server-error', async () => {
  const port = await tcpServer((socket) => socket.once('data', () => socket.destroy()));
  expect(await failure(clientOf(port).client.get('/'))).toMatchObject({ code: 'server-error' });
});

test('an answer without end, in the body and in the head: given up', async () => {
  const endless = await httpServer((_request, response) => {
    const chunk = Buffer.alloc(65_536, 'x');
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  });
  expect(await failure(clientOf(endless).client.get('/'))).toMatchObject({
    code: 'server-not-openai',
    detail: 'an answer of more than 1 MiB',
  });
  const wordy = await tcpServer((socket) =>
    socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`),
  );
  expect(await failure(clientOf(wordy).client.get('/'))).toMatchObject({ code: 'server-not-openai' });
});

test('a channel that cannot be opened: its own error', async () => {
  const transport = createLocalTransport({ prohibits: () => true });
  const open = () => transport.stream('127.0.0.1', 8000);
  const client = createHttpClient({ open, authority: '127.0.0.1:8000', timeoutMs: 5000 });
  expect(await failure(client.get('/'))).toMatchObject({ code: 'forwarding-prohibited' });
  client.close();
});

test('aborted before, while waiting and after closing: cancelled, and no channel is left open', async () => {
  let connected = (): void => undefined;
  let closed = (): void => undefined;
  const connection = new Promise<void>((resolve) => {
    connected = resolve;
  });
  const end = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const port = await tcpServer((socket) => {
    socket.on('data', () => connected());
    socket.once('close', () => closed());
  });
  const { client } = clientOf(port);
  expect(await failure(client.get('/', AbortSignal.abort()))).toMatchObject({ code: 'cancelled' });
  const abort = new AbortController();
  const answer = failure(client.get('/', abort.signal));
  await connection;
  abort.abort();
  expect(await answer).toMatchObject({ code: 'cancelled' });
  await end;
});

test('a channel that opens after the client was closed is closed again', async () => {
  let closed = (): void => undefined;
  const end = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const port = await tcpServer((socket) => {
    socket.resume();
    socket.once('close', () => closed());
  });
  const transport = createLocalTransport();
  let goOn = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const client = createHttpClient({
    open: async () => {
      await held;
      return await transport.stream('127.0.0.1', port);
    },
    authority: 'x',
    timeoutMs: 100,
  });
  expect(await failure(client.get('/'))).toMatchObject({ code: 'server-timeout' });
  client.close();
  goOn();
  await end;
});

test('whether anything was answered, in HTTP', async () => {
  const http = clientOf(await httpServer(always(404, '')));
  expect(http.client.answered).toBe(false);
  await http.client.get('/');
  expect(http.client.answered).toBe(true);
  const other = clientOf(await tcpServer((socket) => socket.end('SSH-2.0-x\r\n')));
  await failure(other.client.get('/'));
  expect(other.client.answered).toBe(false);
});

describe('an answer packed with gzip', () => {
  const packed = (body: Buffer, encoding = 'gzip') =>
    httpServer((request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip');
      response.writeHead(200, { 'content-encoding': encoding }).end(body);
    });

  test.each(['gzip', ' GZIP '])('is unpacked: %j', async (encoding) => {
    const { client } = clientOf(await packed(gzipSync('hällo'), encoding));
    expect(await client.get('/')).toMatchObject({ body: 'hällo' });
  });

  test('may be no larger than any other, however small it comes', async () => {
    const { client } = clientOf(await packed(gzipSync(Buffer.alloc(1_048_577))));
    expect(await failure(client.get('/'))).toMatchObject({
      code: 'server-not-openai',
      detail: 'an answer of more than 1 MiB',
    });
    const fitting = clientOf(await packed(gzipSync(Buffer.alloc(1_048_576))));
    expect((await fitting.client.get('/')).body).toHaveLength(1_048_576);
  });

  test.each([
    ['cut off', gzipSync('hello').subarray(0, 12)],
    ['not packed at all', Buffer.from('hello')],
    ['empty', Buffer.alloc(0)],
  ])('is said to be none when it is %s', async (_, body) => {
    const { client } = clientOf(await packed(body));
    expect(await failure(client.get('/'))).toMatchObject({
      code: 'server-not-openai',
      detail: 'an answer that is not the gzip it says to be',
    });
  });
});

describe('a text of which only some lines are kept', () => {
  const keepsWanted = (line: string): boolean => line.startsWith('wanted');
  const page = (bytes: number): string => {
    const filling = `# HELP something ${'x'.repeat(80)}\n`.repeat(bytes / 200);
    return `wanted ä 1\n${filling}wanted 2\r\n${filling}${'y'.repeat(2_000_000)}\nwanted ${'z'.repeat(30_000)}\nwanted 3`;
  };
  const get = async (body: Buffer | string, headers = {}, keepsLine = keepsWanted) => {
    const port = await httpServer((_request, response) => response.writeHead(200, headers).end(body));
    return await clientOf(port, { timeoutMs: 60_000 }).client.get('/metrics', undefined, {
      kind: 'lines',
      keepsLine,
    });
  };

  test.each([
    ['plain', page(4_000_000), {}],
    ['packed', gzipSync(page(4_000_000)), { 'content-encoding': 'gzip' }],
  ])('may be longer than others: %s', async (_, body, headers) => {
    expect((await get(body, headers)).body).toBe('wanted ä 1\nwanted 2\r\nwanted 3\n');
  });

  test('has bounds that say their name', async () => {
    const packed = (bytes: number) => gzipSync(Buffer.alloc(bytes, 'wanted 1\n'));
    const headers = { 'content-encoding': 'gzip' };
    const never = () => false;
    expect(await failure(get(packed(64 * 1_048_576 + 9), headers, never))).toMatchObject({
      code: 'server-not-openai',
      detail: 'metrics of more than 64 MiB',
    });
    expect(await failure(get(packed(16 * 1_048_576 + 9), headers))).toMatchObject({
      detail: 'metrics that are used of more than 16 MiB',
    });
  });

  test('of a refusal is kept whole, and no longer than another', async () => {
    const port = await httpServer(always(500, 'it broke'));
    const { client } = clientOf(port);
    expect(await client.get('/metrics', undefined, { kind: 'lines', keepsLine: keepsWanted })).toMatchObject({
      body: 'it broke',
    });
  });
});

test('the name of the server', async () => {
  const port = await httpServer((_request, response) =>
    response.writeHead(200, { server: 'llama.cpp' }).end(),
  );
  expect(await clientOf(port).client.get('/')).toMatchObject({ server: 'llama.cpp' });
});

describe('an API key', () => {
  const echo = (status: number) =>
    httpServer((request, response) =>
      always(status, `it was ${request.headers.authorization ?? 'missing'}`)(request, response),
    );

  test('is sent as a bearer token', async () => {
    const { client } = clientOf(await echo(200), { apiKey: 'sk-1234' });
    expect(await client.get('/')).toMatchObject({ body: 'it was Bearer sk-1234' });
  });

  test('does not stand in the text of a refusal, whichever way it is written there', async () => {
    const apiKey = 'sk-"12\\34"';
    const { client } = clientOf(await echo(400), { apiKey });
    expect(await client.get('/')).toMatchObject({ body: 'it was Bearer …' });
    const quoted = clientOf(await httpServer(always(500, JSON.stringify({ key: apiKey }))), { apiKey });
    expect(await quoted.client.get('/')).toMatchObject({ body: '{"key":"…"}' });
  });

  test.each(['sk\r\nx-evil: 1', 'sk\n', 'two words', '', 'sk\u0000', 'schlüssel', 'x'.repeat(4097)])(
    '%j is none, and not sent',
    async (apiKey) => {
      expect(isApiKey(apiKey)).toBe(false);
      const { client } = clientOf(await echo(200), { apiKey });
      expect(await client.get('/')).toMatchObject({ body: 'it was missing' });
    },
  );
});
