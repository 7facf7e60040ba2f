/** Answers in chunks, as a model server makes them byte by byte, and what a client's connection is then like. */

import http from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openTestGateway, type TestGateway } from '../../support/gateway.ts';
import { type Sshd, sshdAvailable, startSshd } from '../../support/ssh/sshd.ts';
import { standInModel } from '../../support/stand-in-model.ts';

const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n';
const event = 'data: {"a":1}\n\n';
const chunk = (text: string, size = text.length.toString(16)): string => `${size}\r\n${text}\r\n`;

describe.skipIf(!sshdAvailable())('an answer in chunks', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  /** A server that answers once with these bytes, each piece in a packet of its own; `end` closes the connection behind them. */
  const answering = async (pieces: readonly string[], end = false) => {
    const model = await standInModel();
    const gateway = await openTestGateway(sshd, [model.port]);
    const connections: Socket[] = [];
    model.answer(async (request) => {
      connections.push(request.socket);
      for (const piece of pieces) {
        await new Promise<unknown>((resolve) => request.socket.write(piece, 'latin1', resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (end) request.socket.destroy();
    });
    return {
      gateway,
      /** As vLLM from now on, over connections that know nothing of that answer. */
      mend() {
        model.answer(null);
        for (const connection of connections) connection.destroy();
      },
    };
  };

  it.each([
    ['at once', (body: string) => [body]],
    ['byte by byte', (body: string) => [...body]],
    ['with its head alone', (body: string) => body.split(/(?<=\r\n\r\n)/)],
  ])('comes as the server made it, %s, and the connection serves the next request', async (_name, cut) => {
    const chunks = `${chunk(event)}${chunk('é'.repeat(40), '028')}${chunk('x', '1')}${chunk(event, 'F')}`;
    const { mend, gateway } = await answering(
      cut(
        `HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n${head}Trailer: x-sum\r\n\r\n${chunks}0\r\nx-sum: 3\r\n\r\n`,
      ),
    );
    const client = openClient(gateway);
    client.ask();
    expect(await client.answer()).toMatch(
      new RegExp(`^HTTP/1.1 200 OK\r\n[\\s\\S]*\r\n\r\n${chunks}0\r\nx-sum: 3\r\n\r\n$`),
    );
    mend();
    client.ask('/v1/embeddings');
    expect(await client.answer()).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*"object":"list"/);
    const [noted] = await gateway.engine.handlers['gateway.requests']({ after: 0 });
    expect(noted).toMatchObject({ outcome: 'answered', firstTokenMs: expect.any(Number) });
  });

  it('that is not plain is whole all the same', async () => {
    const { gateway } = await answering([
      `${head}\r\n${chunk(event)}f;x=y\r\n${event}\r\n`,
      `${chunk(event)}0\r\n\r\n`,
    ]);
    expect(await bodyThrough(gateway)).toBe(event.repeat(3));
  });

  it.each([
    ['within a chunk', [`${head}\r\n${chunk(event)}ff\r\ndata: {"hal`], `${event}data: {"hal`],
    ['within a size', [`${head}\r\n${chunk(event)}f`], event],
    ['within the end of a chunk', [`${head}\r\n${chunk(event)}`.slice(0, -1)], event],
    ['between chunks', [`${head}\r\n${chunk(event)}`], event],
  ])('that breaks off %s ends with an error event', async (_name, pieces, before) => {
    const { gateway } = await answering(pieces, true);
    const body = await bodyThrough(gateway);
    expect(body.startsWith(before)).toBe(true);
    expect(body.slice(before.length)).toMatch(/^\n*event: error\ndata: .*upstream_gone.*\n\n$/);
  });

  it('whose chunk is longer than its size ends with an error event', async () => {
    const { gateway } = await answering([`${head}\r\n${chunk(event)}3\r\nabcdef\r\n`]);
    expect(await bodyThrough(gateway)).toMatch(/^data: {"a":1}\n\nabc\n*event: error\n/);
  });

  it('hides no other answer behind its end', async () => {
    const hidden = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhidden';
    const { mend, gateway } = await answering([`${head}\r\n${chunk(event)}0\r\n\r\n${hidden}`]);
    const client = openClient(gateway);
    client.ask();
    expect(await client.answer()).toContain(`${chunk(event)}0\r\n\r\n`);
    mend();
    client.ask('/v1/embeddings');
    const next = await client.answer();
    expect(next).toContain('"object":"list"');
    expect(next).not.toContain('hidden');
  });

  it('reaches a client of HTTP/1.0 without chunks', async () => {
    const { gateway } = await answering([`${head}\r\n${chunk(event)}${chunk(event)}0\r\n\r\n`]);
    const client = openClient(gateway);
    client.ask('/v1/completions', '1.0');
    expect(await client.all()).toMatch(new RegExp(`\r\n\r\n${event}${event}$`));
  });
});

/** One connection to the gateway, byte by byte. */
function openClient({ port, auth }: TestGateway) {
  const socket: Socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let got = '';
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('data', (bytes: Buffer) => {
    got += bytes.toString('latin1');
  });
  const isWhole = (): boolean =>
    /\r\n0\r\n(?:[\w-]+: .*\r\n)*\r\n$/.test(got) || /"usage":\{.*\}\}$/.test(got);
  return {
    ask(path = '/v1/completions', version = '1.1') {
      got = '';
      const body = '{"model":"m"}';
      socket.write(
        `POST ${path} HTTP/${version}\r\nHost: localhost\r\nAuthorization: ${auth.authorization}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    },
    async answer() {
      await expect.poll(isWhole, { timeout: 20_000 }).toBe(true);
      return got;
    },
    async all() {
      await closed;
      return got;
    },
  };
}

async function bodyThrough({ port, auth }: TestGateway): Promise<string> {
  const request = http.request({
    host: '127.0.0.1',
    port,
    agent: false,
    method: 'POST',
    path: '/v1/completions',
    headers: auth,
  });
  request.end('{"model":"m"}');
  const response = await new Promise<http.IncomingMessage>((resolve, reject) =>
    request.once('response', resolve).once('error', reject),
  );
  let body = '';
  for await (const piece of response) body += String(piece);
  return body;
}
