import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished, vi } from 'vitest';
import { emptySnapshot } from '#common/reduce.ts';
import { defaultSettings } from '#common/settings.ts';
import { createTestPrompts } from '#engine/models/test-prompts.ts';
import { createStore } from '#engine/store.ts';
import { httpServer } from '../../support/model-servers.ts';
import { host, server } from '../../support/snapshot.ts';
import { localTransport } from '../../support/socket-transport.ts';

/** Test prompts to a real HTTP server that answers as `handler` does. */
async function open(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  apiKey = 'sk-planted',
) {
  const port = await httpServer(handler);
  const store = createStore(emptySnapshot({ kind: 'demo' }, defaultSettings));
  store.apply({ kind: 'hosts-listed', hosts: [host('a')], excludedAliases: [], problems: [] });
  store.apply({ kind: 'servers-found', hostId: 'a', servers: [server('a', port, ['m'])] });
  const transport = localTransport();
  const prompts = createTestPrompts({
    store,
    transport: async () => transport,
    apiKeyFor: () => apiKey,
  });
  onTestFinished(() => {
    prompts.dispose();
    store.dispose();
  });
  const all = () => store.current().testPrompts;
  return {
    prompts,
    transport,
    all,
    start: (prompt = 'Hello') => prompts.start({ serverId: `a:${port}`, model: 'm', prompt }),
    settled: () => vi.waitFor(() => expect(all().at(-1)?.state.kind).not.toBe('running')),
  };
}

const event = (delta: object) => `data: ${JSON.stringify({ choices: [{ delta }] })}\n\n`;
const stream = { 'content-type': 'text/event-stream' };

it('streams an answer, with the time of its first token and its pace', async () => {
  let asked: unknown;
  let key: string | undefined;
  const { start, settled, all } = await open(async (request, response) => {
    key = request.headers.authorization;
    asked = JSON.parse(await text(request));
    response.writeHead(200, stream);
    response.write(': a comment\n\n');
    response.write(event({ role: 'assistant' }) + event({ reasoning_content: 'Hm. ' }));
    const last = event({ content: 'World 🌍\nline\u0007 two\u202e' });
    // Cut in the middle of an event and of a character.
    const bytes = Buffer.from(event({ content: 'Hello ' }) + last);
    for (const cut of [bytes.subarray(0, 40), bytes.subarray(40, bytes.indexOf(0xf0) + 2)])
      response.write(cut);
    response.write(bytes.subarray(bytes.indexOf(0xf0) + 2));
    response.end('data: {"error":"not a chunk"}\n\ndata: [DONE]\n\n');
  });
  start('Say it');
  await settled();
  expect(asked).toMatchObject({
    model: 'm',
    stream: true,
    messages: [{ role: 'user', content: 'Say it' }],
  });
  expect(key).toBe('Bearer sk-planted');
  expect(all()).toMatchObject([
    {
      model: 'm',
      prompt: 'Say it',
      state: { kind: 'done' },
      text: 'Hm. Hello World 🌍\nline  two ',
      tokens: 3,
    },
  ]);
  expect(all()[0]?.firstTokenMs).toBeGreaterThan(0);
});

it('says in the words of the server why it was refused, without the key', async () => {
  const { start, settled, all } = await open((_request, response) => {
    response.writeHead(400).end('{"message":"no chat template for sk-planted"}');
  });
  start();
  await settled();
  expect(all()).toMatchObject([
    {
      state: {
        kind: 'failed',
        failure: { code: 'server-error', detail: 'HTTP 400: {"message":"no chat template for …"}' },
      },
    },
  ]);
});

it('says it without a key that JSON writes in another way', async () => {
  const apiKey = 'sk-"12\\34"';
  const { start, settled, all } = await open(({ headers }, response) => {
    response.writeHead(401).end(`${JSON.stringify({ key: apiKey })} ${headers.authorization}`);
  }, apiKey);
  start();
  await settled();
  expect(all()).toMatchObject([
    { state: { kind: 'failed', failure: { detail: 'HTTP 401: {"key":"…"} Bearer …' } } },
  ]);
});

it('bounds an answer without end, and lets the server know that nobody listens any more', async () => {
  let closed = false;
  const { start, settled, all } = await open((_request, response) => {
    response.writeHead(200, stream);
    const more = (): void => {
      if (!response.destroyed) response.write(event({ content: 'x'.repeat(3000) }), () => setImmediate(more));
    };
    response.on('close', () => {
      closed = true;
    });
    more();
  });
  start();
  await settled();
  expect(all()[0]).toMatchObject({ state: { kind: 'done' }, tokens: 3 });
  expect(all()[0]?.text).toHaveLength(8000);
  await vi.waitFor(() => expect(closed).toBe(true));
});

it.each([
  ['a line', 'x'.repeat(64_000)],
  ['an event', `data: ${'x'.repeat(64_000)}\n`],
  ['events without text', event({ role: 'assistant' }).repeat(1000)],
])('fails where %s has no end, and holds little of it', async (_what, piece) => {
  let sent = 0;
  const { start, settled, all } = await open((_request, response) => {
    response.writeHead(200, stream);
    const more = (): void => {
      sent += piece.length;
      if (!response.destroyed) response.write(piece, () => setImmediate(more));
    };
    more();
  });
  start();
  await settled();
  expect(all()).toMatchObject([{ state: { kind: 'failed', failure: { detail: 'it answers without end' } } }]);
  expect(sent).toBeLessThan(64_000_000);
});

it('fails where the server goes over to another protocol', async () => {
  const { start, settled, all } = await open(({ socket }) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
  );
  start();
  await settled();
  expect(all()).toMatchObject([
    { state: { kind: 'failed', failure: { code: 'server-error', detail: 'something else than HTTP' } } },
  ]);
});

it('fails with the connection; stopped it keeps what has come, and ended once more it is forgotten', async () => {
  const hanging: ServerResponse[] = [];
  const { start, prompts, transport, settled, all } = await open((_request, response) => {
    hanging.push(response.writeHead(200, stream));
    response.write(event({ content: 'a' }));
  });
  const first = start();
  await vi.waitFor(() => expect(all()[0]?.text).toBe('a'));
  prompts.end(first);
  expect(all()).toMatchObject([{ id: first, state: { kind: 'stopped' }, text: 'a' }]);
  await vi.waitFor(() => expect(hanging[0]?.destroyed).toBe(true));
  prompts.end(first);
  expect(all()).toEqual([]);
  start();
  await vi.waitFor(() => expect(all()[0]?.text).toBe('a'));
  transport.lose();
  await settled();
  expect(all()).toMatchObject([{ state: { kind: 'failed' } }]);
});

it('keeps the latest four, and knows no server that is gone', async () => {
  const { start, prompts, all, settled } = await open((_request, response) => {
    response.writeHead(200, stream).end(event({ content: 'a' }));
  });
  const ids = Array.from({ length: 6 }, () => start());
  await settled();
  expect(all().map(({ id }) => id)).toEqual(ids.slice(2));
  expect(() => prompts.start({ serverId: 'a:1', model: 'm', prompt: 'x' })).toThrow(
    expect.objectContaining({ code: 'not-found' }),
  );
});
