/** Who gets nothing from the gateway, and where no request can lead. */

import http from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { ask, openTestGateway, type TestGateway } from '../../support/gateway.ts';
import { httpServer } from '../../support/model-servers.ts';
import { type Sshd, sshdAvailable, startSshd } from '../../support/ssh/sshd.ts';
import { json, type StandInModel, standInModel } from '../../support/stand-in-model.ts';
import { expectFree } from '../../support/through.ts';

describe.skipIf(!sshdAvailable())('the gateway', () => {
  let sshd: Sshd;
  let model: StandInModel;
  let gateway: TestGateway;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());
  const open = async (): Promise<void> => {
    model = await standInModel();
    gateway = await openTestGateway(sshd, [model.port]);
  };

  /** What comes back for bytes as they are. */
  const raw = (text: string, { ends = true } = {}): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(gateway.port, '127.0.0.1', () => (ends ? socket.end(text) : socket.write(text)));
      let got = '';
      socket.on('data', (chunk) => {
        got += chunk;
      });
      socket.on('error', () => undefined).on('close', () => resolve(got));
    });

  it('answers no request without the key, and none under another name or of another site', async () => {
    await open();
    const body = '{"model":"m"}';
    const statusOf = async (headers: http.OutgoingHttpHeaders, path = '/v1/completions') =>
      (await ask({ port: gateway.port, method: 'POST', path, body, headers })).status;
    for (const path of ['/', '/v1/models', '/v1/models/m', '/v1/completions', '/metrics', '/?model=m'])
      expect(await statusOf({}, path), path).toBe(401);
    expect(await statusOf({ authorization: `Bearer ${gateway.key}x` })).toBe(401);
    expect(await statusOf({ ...gateway.auth, host: 'evil.example' })).toBe(403);
    expect(await statusOf({ ...gateway.auth, origin: 'http://evil.example' })).toBe(403);
    expect(await statusOf({ ...gateway.auth, origin: `http://localhost:1` })).toBe(403);
    expect(model.seen).toEqual([]);
    expect(await statusOf(gateway.auth)).toBe(200);
    const log = JSON.stringify(await gateway.engine.handlers['gateway.requests']({ after: 0 }));
    expect(log).not.toContain(gateway.key);
    const said = JSON.stringify([
      gateway.engine.snapshot(),
      gateway.engine.handlers['log.get']({ after: 0 }),
    ]);
    expect(said).not.toContain(gateway.key);
  });

  it('leads nowhere but to a server that was scanned', async () => {
    await open();
    const secret = await httpServer((_request, response) => response.end('of another program'));
    const auth = `Authorization: Bearer ${gateway.key}\r\nHost: localhost\r\n`;
    for (const line of [
      `GET http://127.0.0.1:${secret}/ HTTP/1.1`,
      `GET http://127.0.0.1:${secret}/?model=m HTTP/1.1`,
      `CONNECT 127.0.0.1:${secret} HTTP/1.1`,
      `OPTIONS * HTTP/1.1`,
    ])
      expect(await raw(`${line}\r\n${auth}\r\n`), line).not.toContain('of another program');
    for (const name of [
      `127.0.0.1:${secret}/m`,
      `localhost:${secret}/m`,
      `lab:${secret}/m`,
      `lab:22/m`,
      '../m',
      'm/../../m',
    ])
      expect(
        (
          await ask({
            port: gateway.port,
            path: `/x?model=${encodeURIComponent(name)}`,
            headers: gateway.auth,
          })
        ).status,
        name,
      ).toBe(404);
    for (const path of [`//127.0.0.1:${secret}/?model=m`, `/@127.0.0.1:${secret}/?model=m`]) {
      model.answer((request, response) => json(response, { url: request.url }));
      const { body } = await ask({ port: gateway.port, path, headers: gateway.auth });
      expect(JSON.parse(body.toString())).toEqual({ url: path });
    }
  });

  it('lets no request be smuggled behind another one', async () => {
    await open();
    const head = `POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${gateway.key}\r\n`;
    for (const lengths of [
      'Content-Length: 5\r\nTransfer-Encoding: chunked',
      'Content-Length: 5\r\nContent-Length: 6',
      'Transfer-Encoding: xchunked',
    ])
      expect(await raw(`${head}${lengths}\r\n\r\n0\r\n\r\nGET /x?model=m HTTP/1.1\r\n\r\n`), lengths).toMatch(
        /^HTTP\/1\.1 400/,
      );
    expect(model.seen).toEqual([]);
  });

  it('lets none be smuggled in a body whose length its client calls one of the connection', async () => {
    await open();
    model.answer((request, response) => json(response, { url: request.url }));
    const hidden = `GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n`;
    await raw(
      `GET /v1/x?model=m HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${gateway.key}\r\nConnection: close, content-length\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
    );
    await expect.poll(() => model.seen.at(-1)?.sha256).not.toBe(null);
    expect(model.seen.map(({ url, bytes }) => ({ url, bytes }))).toEqual([
      { url: '/v1/x?model=m', bytes: hidden.length },
    ]);
  });

  it('cuts the clients of the key before when it is renewed', async () => {
    await open();
    model.answer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
    });
    const request = http.request({
      port: gateway.port,
      host: '127.0.0.1',
      agent: false,
      method: 'POST',
      headers: gateway.auth,
    });
    request.end('{"model":"m"}');
    const response = await new Promise<http.IncomingMessage>((resolve) => request.once('response', resolve));
    const cut = new Promise((resolve) => response.once('error', resolve));
    gateway.engine.handlers['gateway.renewKey']({});
    await cut;
    await expect.poll(() => model.seen[0]?.cut, { timeout: 20_000 }).toBe(true);
    expect((await ask({ port: gateway.port, path: '/v1/models', headers: gateway.auth })).status).toBe(401);
    const { key } = await gateway.engine.handlers['gateway.access']({});
    const auth = { authorization: `Bearer ${key}` };
    expect((await ask({ port: gateway.port, path: '/v1/models', headers: auth })).status).toBe(200);
  });

  it('is switched off and on with its port, and leaves nothing open', async () => {
    await open();
    const { engine, port } = gateway;
    await engine.handlers['gateway.switch']({ on: false });
    expect(engine.snapshot().gateway.state).toEqual({ kind: 'off' });
    await expectFree(port);
    await engine.handlers['gateway.switch']({ on: true });
    expect(engine.snapshot().gateway.state).toMatchObject({ kind: 'listening', port });
    expect((await ask({ port, path: '/v1/models', headers: gateway.auth })).status).toBe(200);
    expect((await ask({ host: '::1', port, path: '/v1/models', headers: gateway.auth })).status).toBe(200);
    await gateway.dispose();
    await expectFree(port);
  });

  describe('with a connection that is upgraded', () => {
    const wish = (): string =>
      `GET /v1/realtime?model=m HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${gateway.key}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;

    it('carries a WebSocket to the model of its address, both ways, and ends it with either side', async () => {
      await open();
      const sockets = new WebSocketServer({ noServer: true });
      const paths: (string | undefined)[] = [];
      const closed: number[] = [];
      const server = await standInModel({ models: ['live'] });
      server.onUpgrade((request, socket, head) => {
        paths.push(request.url);
        sockets.handleUpgrade(request, socket, head, (client) => {
          client.on('message', (data) => client.send(`echo ${data}`));
          client.on('close', (code) => closed.push(code));
        });
      });
      const live = await openTestGateway(sshd, [server.port]);
      const address = `ws://127.0.0.1:${live.port}/v1/realtime?model=live&x=1`;
      const client = new WebSocket(address, { headers: live.auth });
      await new Promise((resolve, reject) => client.once('open', resolve).once('error', reject));
      const answer = new Promise((resolve) => client.once('message', (data) => resolve(String(data))));
      client.send('x'.repeat(100_000));
      expect(await answer).toBe(`echo ${'x'.repeat(100_000)}`);
      expect(paths).toEqual(['/v1/realtime?model=live&x=1']);
      client.close(1000);
      await expect.poll(() => closed, { timeout: 20_000 }).toEqual([1000]);
      const refused = new WebSocket(address);
      const status = new Promise((resolve) =>
        refused.once('unexpected-response', (_request, { statusCode }) => resolve(statusCode)),
      );
      refused.on('error', () => undefined);
      expect(await status).toBe(401);
      sockets.close();
    });

    it('lets go of a client that goes away unanswered, and of a server that never answers', async () => {
      const server = await standInModel();
      const upgrades: boolean[] = [];
      server.onUpgrade((_request, socket) => {
        const at = upgrades.push(false) - 1;
        socket.on('error', () => undefined).on('end', () => upgrades.splice(at, 1, true));
        socket.resume();
      });
      gateway = await openTestGateway(sshd, [server.port], { gateway: { answerMs: 3000 } });
      const silent = raw(wish(), { ends: false });
      await expect.poll(() => upgrades).toEqual([false]);
      expect(await silent).toMatch(/^HTTP\/1\.1 503 .*no answer in 3 s/s);
      await gateway.dispose();
      gateway = await openTestGateway(sshd, [server.port]);
      const leave = {
        ends: (socket: Socket) => void socket.end(),
        resets: (socket: Socket) => void socket.resetAndDestroy(),
      };
      for (const [name, go] of Object.entries(leave)) {
        const socket = connect(gateway.port, '127.0.0.1', () => socket.write(wish()));
        socket.on('error', () => undefined);
        const before = upgrades.length;
        await expect.poll(() => upgrades.length).toBe(before + 1);
        go(socket);
        await expect.poll(() => [name, ...upgrades]).toEqual([name, ...upgrades.map(() => true)]);
        await expect.poll(() => gateway.engine.snapshot().gateway.running).toBe(0);
      }
    });

    it('passes no redirect on', async () => {
      await open();
      model.onUpgrade((_request, socket) =>
        socket.end(
          'HTTP/1.1 307 Temporary Redirect\r\nLocation: ws://evil.example\r\nContent-Length: 0\r\n\r\n',
        ),
      );
      const answer = await raw(wish(), { ends: false });
      expect(answer).toMatch(/^HTTP\/1\.1 502 .*upstream_redirect/s);
      expect(answer).not.toContain('evil.example');
    });

    it('leaves nothing on a connection for each wish for another protocol', async () => {
      await open();
      const warnings: Error[] = [];
      const onWarning = (warning: Error): void => void warnings.push(warning);
      process.on('warning', onWarning);
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      const headers = { ...gateway.auth, connection: 'upgrade', upgrade: 'h2c' };
      for (let n = 0; n < 15; n += 1)
        expect((await ask({ port: gateway.port, path: '/v1/models', headers, agent })).status).toBe(200);
      agent.destroy();
      process.off('warning', onWarning);
      expect(warnings).toEqual([]);
    });

    it('takes a wish for another protocol as a plain request, as a server that does not know it', async () => {
      await open();
      const answer = await raw(
        `POST /v1/x HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${gateway.key}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 13\r\n\r\n{"model":"m"}`,
        { ends: false },
      );
      expect(answer).toMatch(/^HTTP\/1\.1 200 .*"model":"m"/s);
    });
  });
});
