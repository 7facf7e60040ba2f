/** What goes wrong behind the gateway and in front of it: one clear answer each, no byte wrong, and nothing left open. */

import http from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, ask, openTestGateway, sha256, type TestGateway } from '../../support/gateway.ts';
import { type Sshd, sshdAvailable, startSshd } from '../../support/ssh/sshd.ts';
import { bodyOf, json, type StandInModel, standInModel } from '../../support/stand-in-model.ts';

const waiting = { timeout: 20_000 };

describe.skipIf(!sshdAvailable())('the gateway', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  const post = (
    gateway: TestGateway,
    body: object | string,
    options: http.RequestOptions = {},
  ): Promise<Answer> =>
    ask({
      port: gateway.port,
      method: 'POST',
      path: '/v1/completions',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...options,
      headers: { ...gateway.auth, ...options.headers },
    });
  const said = ({ body }: Answer) => JSON.parse(body.toString());
  const requests = async (gateway: TestGateway) => gateway.engine.handlers['gateway.requests']({ after: 0 });
  const names = (model: StandInModel) => (_request: http.IncomingMessage, response: http.ServerResponse) =>
    json(response, { port: model.port });

  describe('with two replicas, of which one fails before the first byte', () => {
    const failures: Record<string, (request: http.IncomingMessage, response: http.ServerResponse) => void> = {
      'closes the connection': (request) => void request.socket.destroy(),
      'answers 500': (request, response) => {
        request.resume();
        json(response, { error: 'out of memory' }, 500);
      },
      'answers 503 before the body has come': (_request, response) => json(response, { error: 'busy' }, 503),
      'says nothing': (request) => void request.resume(),
    };
    it.each(Object.entries(failures))('%s: the other one answers', async (_name, fail) => {
      const models = [await standInModel(), await standInModel()] as const;
      const gateway = await openTestGateway(
        sshd,
        models.map(({ port }) => port),
        { gateway: { answerMs: 5000 } },
      );
      const [bad, good] = models;
      bad.answer(fail);
      good.answer(names(good));
      const body = { model: 'm', prompt: 'x'.repeat(200_000) };
      for (let n = 0; n < 4; n += 1) expect(said(await post(gateway, body))).toEqual({ port: good.port });
      expect(bad.seen.length).toBeGreaterThan(0);
      // A moment later it is still doubtful, and is not asked again and again.
      expect(bad.seen.length).toBeLessThan(4);
      await vi.waitFor(() => expect(good.seen.at(-1)?.sha256).toBe(sha256(JSON.stringify(body))));
      expect((await requests(gateway)).some(({ retried, port }) => retried && port === good.port)).toBe(true);
    });
  });

  it('refuses in one clear answer when both replicas fail, and names each', async () => {
    const models = [await standInModel(), await standInModel()];
    const gateway = await openTestGateway(
      sshd,
      models.map(({ port }) => port),
    );
    for (const model of models) model.answer((request) => void request.socket.destroy());
    const answer = await post(gateway, { model: 'm' });
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
    expect(said(answer)).toMatchObject({ error: { code: 'model_unavailable', type: 'server_error' } });
    const { hosts } = said(answer).error;
    expect(hosts.map(({ port }: { port: number }) => port).sort()).toEqual(
      models.map(({ port }) => port).sort(),
    );
    for (const { host, reason } of hosts)
      expect([host, reason]).toEqual(['lab', expect.stringContaining('gave no answer')]);
  });

  it('refuses in one clear answer what is no HTTP, and asks another replica', async () => {
    const models = [await standInModel(), await standInModel()] as const;
    const gateway = await openTestGateway(
      sshd,
      models.map(({ port }) => port),
    );
    const [bad, good] = models;
    for (const line of ['099 OK', '200 \u0007OK']) {
      bad.answer((request) => {
        request.resume();
        request.socket.end(`HTTP/1.1 ${line}\r\nContent-Length: 2\r\n\r\nhi`);
      });
      good.answer(names(good));
      expect(said(await post(gateway, { model: `lab:${good.port}/m` })), line).toEqual({ port: good.port });
      const refused = await post(gateway, { model: `lab:${bad.port}/m` });
      expect([refused.status, said(refused).error.message], line).toEqual([
        503,
        expect.stringContaining('gave no answer: something else than HTTP'),
      ]);
    }
  });

  it('passes the error of the only server on, in its words', async () => {
    const model = await standInModel();
    const gateway = await openTestGateway(sshd, [model.port]);
    model.answer((_request, response) => json(response, { error: { message: 'CUDA error' } }, 500));
    expect(await post(gateway, { model: 'm' })).toMatchObject({ status: 500 });
    model.answer((_request, response) => json(response, { error: { message: 'too long' } }, 400));
    const answer = await post(gateway, { model: 'm' });
    expect([answer.status, said(answer)]).toEqual([400, { error: { message: 'too long' } }]);
  });

  it('closes the channel of a request that was answered before its body had come', async () => {
    const model = await standInModel();
    const gateway = await openTestGateway(sshd, [model.port]);
    let isOpen = false;
    model.answer((request, response) => {
      isOpen = true;
      request.socket.on('end', () => {
        isOpen = false;
      });
      response.writeHead(413, { 'content-length': 0 }).end();
      request.resume();
    });
    const request = http.request({
      host: '127.0.0.1',
      port: gateway.port,
      path: '/v1/completions?model=m',
      method: 'POST',
      headers: { ...gateway.auth, 'content-length': 1_000_000 },
      agent: false,
    });
    request.on('error', () => undefined).write('x'.repeat(1000));
    const status = await new Promise((resolve) =>
      request.once('response', (response) => resolve(response.resume().statusCode)),
    );
    expect([status, isOpen]).toEqual([413, true]);
    await expect.poll(() => isOpen).toBe(false);
    request.destroy();
  });

  it('uses a channel again that the server has closed meanwhile, without an error', async () => {
    const model = await standInModel();
    const gateway = await openTestGateway(sshd, [model.port]);
    model.answer((_request, response) => {
      // As a server whose patience ends in the moment of the next request.
      response.on('finish', () => response.socket?.end());
      json(response, {});
    });
    for (let n = 0; n < 20; n += 1) expect((await post(gateway, { model: 'm' })).status).toBe(200);
  });

  it('ends an answer that breaks off so that it does not look whole', async () => {
    const model = await standInModel();
    const gateway = await openTestGateway(sshd, [model.port]);
    model.answer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"half":', () => response.destroy());
    });
    await expect(post(gateway, { model: 'm' })).rejects.toThrow(/aborted|hang up|ECONNRESET/);
    await expect.poll(async () => (await requests(gateway)).at(-1)?.outcome, waiting).toBe('cut');
  });

  it('ends streams with an error event when the session of their host is killed, and goes on afterwards', async () => {
    const model = await standInModel();
    const gateway = await openTestGateway(sshd, [model.port]);
    const streams = 20;
    model.answer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"a":1}\n\n');
    });
    const answers = Array.from({ length: streams }, () => post(gateway, { model: 'm', stream: true }));
    await expect.poll(() => gateway.engine.snapshot().gateway.running, waiting).toBe(streams);
    await expect.poll(() => model.seen.filter(({ sha256 }) => sha256 !== null).length, waiting).toBe(streams);
    await sshd.killSessions();
    for (const { status, body } of await Promise.all(answers)) {
      expect(status).toBe(200);
      expect(body.toString()).toMatch(/^data: \{"a":1\}\n\nevent: error\ndata: .*upstream_gone.*\n\n$/);
    }
    model.answer(null);
    await expect.poll(async () => (await post(gateway, { model: 'm' })).status, waiting).toBe(200);
    expect(gateway.engine.snapshot().gateway.running).toBe(0);
  });

  it('carries 10 MB prompts with the model at either end, and asks for the model first where that is too much', async () => {
    const model = await standInModel();
    const limits = { mostSearched: 16 * 1024 * 1024 };
    const gateway = await openTestGateway(sshd, [model.port], { gateway: { limits } });
    const prompt = 'é'.repeat(5_000_000);
    for (const body of [`{"model":"m","prompt":"${prompt}"}`, `{"prompt":"${prompt}","model":"m"}`]) {
      const answer = await post(gateway, body);
      expect([answer.status, said(answer)]).toEqual([200, expect.objectContaining({ sha256: sha256(body) })]);
    }
    const twice = await post(gateway, `{"a":"${prompt}","b":"${prompt}","model":"m"}`);
    expect([twice.status, said(twice).error.code]).toEqual([413, 'request_too_large']);
  });

  it('cuts a body beyond the bound, and one that does not go on', async () => {
    const model = await standInModel();
    const limits = { mostBytes: 100_000, silenceMs: 500 };
    const gateway = await openTestGateway(sshd, [model.port], { gateway: { limits } });
    model.answer((request, response) => {
      request.on('end', () => json(response, {}));
      request.resume();
    });
    const large = await post(gateway, `{"model":"m","prompt":"${'x'.repeat(200_000)}"}`);
    expect([large.status, said(large).error.code]).toEqual([413, 'request_too_large']);
    for (const part of ['{"model":"m",', '{"prom']) {
      const stopping = http.request({
        host: '127.0.0.1',
        port: gateway.port,
        agent: false,
        method: 'POST',
        path: '/v1/completions',
        headers: { ...gateway.auth, 'content-length': 50 },
      });
      stopping.write(part);
      const answer = await new Promise<http.IncomingMessage>((resolve) => stopping.once('response', resolve));
      expect([answer.statusCode, JSON.parse((await bodyOf(answer)).toString()).error.code]).toEqual([
        408,
        'request_timeout',
      ]);
      stopping.on('error', () => undefined).destroy();
    }
    await expect.poll(() => gateway.engine.snapshot().gateway.running, waiting).toBe(0);
  });

  it('carries 200 streams at once, every byte right', async () => {
    const model = await standInModel();
    const gateway = await openTestGateway(sshd, [model.port]);
    const streams = 200;
    const pieces = 40;
    const line = (stream: string, at: number): string =>
      `data: {"s":"${stream}","n":${at},"x":"${'y'.repeat(1000)}"}\n\n`;
    model.answer(async (request, response) => {
      const { stream } = JSON.parse((await bodyOf(request)).toString());
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let at = 0; at < pieces; at += 1)
        if (!response.write(line(stream, at)))
          await new Promise((resolve) => response.once('drain', resolve));
      response.end();
    });
    const expected = (stream: string): string =>
      sha256(Array.from({ length: pieces }, (_, at) => line(stream, at)).join(''));
    const before = process.memoryUsage().rss;
    let most = 0;
    await Promise.all(
      Array.from({ length: streams }, async (_, at) => {
        const { status, body } = await post(gateway, { model: 'm', stream: String(at) });
        most = Math.max(most, gateway.engine.snapshot().gateway.running);
        expect([status, sha256(body)]).toEqual([200, expected(String(at))]);
      }),
    );
    console.log(
      `200 streams: ${most} at once at least, ${Math.round((process.memoryUsage().rss - before) / 1024 / 1024)} MiB more in this process, clients and server included`,
    );
    await expect.poll(() => gateway.engine.snapshot().gateway.running, waiting).toBe(0);
  });

  it('holds little for a client that does not read, and reads no more from the server meanwhile', async () => {
    const model = await standInModel();
    const gateway = await openTestGateway(sshd, [model.port]);
    const whole = 64 * 1024 * 1024;
    let sent = 0;
    model.answer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      const chunk = Buffer.alloc(65_536, 'z');
      const more = (): void => {
        while (sent < whole) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    const request = http.request({
      host: '127.0.0.1',
      port: gateway.port,
      agent: false,
      method: 'POST',
      path: '/v1/files',
      headers: gateway.auth,
    });
    request.end('{"model":"m"}');
    const response = await new Promise<http.IncomingMessage>((resolve) => request.once('response', resolve));
    response.pause();
    // Until nothing moves any more.
    let last = -1;
    await expect
      .poll(
        () => {
          const isStill = sent === last;
          last = sent;
          return isStill && sent > 0;
        },
        { ...waiting, interval: 300 },
      )
      .toBe(true);
    console.log(`a client that does not read: ${(sent / 1024 / 1024).toFixed(1)} MiB of 64 were sent`);
    expect(sent).toBeLessThan(whole / 2);
    expect((await bodyOf(response)).length).toBe(whole);
  });

  it('is cut for strangers first: idle and half-open connections do not keep the holder of the key out', async () => {
    const model = await standInModel();
    const gateway = await openTestGateway(sshd, [model.port]);
    const idle = Array.from({ length: 300 }, (_, at) => {
      const socket = connect(gateway.port, '127.0.0.1');
      socket.on('error', () => undefined);
      if (at % 2 === 0) socket.write('POST /v1/completions HTTP/1.1\r\nHost: loc');
      return socket;
    });
    await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    expect((await post(gateway, { model: 'm' })).status).toBe(200);
    for (const socket of idle) socket.destroy();
  });
});
