/** Requests through the gateway to model servers behind a real sshd. */

import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, openTestGateway, sha256, type TestGateway } from '../../support/gateway.ts';
import { type Sshd, sshdAvailable, startSshd } from '../../support/ssh/sshd.ts';
import { bodyOf, json, standInModel } from '../../support/stand-in-model.ts';

describe.skipIf(!sshdAvailable())('the gateway', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  const post = (gateway: TestGateway, path: string, body: object, options: http.RequestOptions = {}) =>
    ask({
      port: gateway.port,
      method: 'POST',
      path,
      body: JSON.stringify(body),
      ...options,
      headers: { ...gateway.auth, 'content-type': 'application/json', ...options.headers },
    });

  it('passes a request on untouched, with the headers that belong to it, and says who answered', async () => {
    const model = await standInModel();
    const gateway = await openTestGateway(sshd, [model.port]);
    const body = `{ "messages": [], "model" : "m",  "x": "\\u00e9 🌍" }`;
    const answer = await ask({
      port: gateway.port,
      method: 'POST',
      path: '/any/path?a=1&b=%20',
      headers: {
        ...gateway.auth,
        'Content-Type': 'application/json',
        'X-Api-Key': 'theirs',
        Cookie: 'session=of-another-server',
        'X-Request-Id': 'r1',
        Connection: 'keep-alive, x-hop',
        'X-Hop': 'between us',
        TE: 'trailers',
      },
      body,
    });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString())).toEqual({
      path: '/any/path',
      model: 'm',
      sha256: sha256(body),
    });
    expect(answer.headers).toMatchObject({ 'x-vllm-tray-host': 'lab', 'content-type': 'application/json' });
    const [seen] = model.seen;
    expect(seen).toMatchObject({ method: 'POST', url: '/any/path?a=1&b=%20', sha256: sha256(body) });
    expect(seen?.headers).toMatchObject({
      host: `127.0.0.1:${model.port}`,
      'x-request-id': 'r1',
      'content-length': String(Buffer.byteLength(body)),
    });
    for (const name of ['authorization', 'x-api-key', 'cookie', 'x-hop', 'te'])
      expect(seen?.headers).not.toHaveProperty(name);
  });

  it('lists the models and addresses one host, whose name it takes out of body, form and query', async () => {
    const one = await standInModel({ models: ['m', 'org/adapter'] });
    const other = await standInModel({ models: ['m'] });
    const gateway = await openTestGateway(sshd, [one.port, other.port]);
    const list = await ask({ port: gateway.port, path: '/v1/models', headers: gateway.auth });
    expect(JSON.parse(list.body.toString())).toMatchObject({
      object: 'list',
      data: [
        { id: 'm', hosts: ['lab'] },
        { id: 'org/adapter', hosts: ['lab'] },
      ],
    });
    const head = await ask({ port: gateway.port, method: 'HEAD', path: '/v1/models', headers: gateway.auth });
    expect(head).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    expect(head.headers['content-length']).toBe(list.headers['content-length']);
    const single = await ask({ port: gateway.port, path: '/v1/models/org%2Fadapter', headers: gateway.auth });
    expect(JSON.parse(single.body.toString())).toMatchObject({ id: 'org/adapter', object: 'model' });
    const named = `lab:${other.port}/m`;
    for (let n = 0; n < 3; n += 1) {
      const answer = await post(gateway, '/v1/score', { text: 'é', model: named, after: 1 });
      const asTheyCallIt = JSON.stringify({ text: 'é', model: 'm', after: 1 });
      expect(JSON.parse(answer.body.toString())).toMatchObject({ model: 'm', sha256: sha256(asTheyCallIt) });
    }
    const form = (name: string) =>
      `--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF\r\n--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n${name}\r\n--b--\r\n`;
    const spoken = await ask({
      port: gateway.port,
      method: 'POST',
      path: '/v1/audio/transcriptions',
      headers: { ...gateway.auth, 'content-type': 'multipart/form-data; boundary=b' },
      body: form(named),
    });
    expect(JSON.parse(spoken.body.toString())).toMatchObject({ text: 'Hello', sha256: sha256(form('m')) });
    other.answer((request, response) => json(response, { url: request.url }));
    const path = `/v1/things?x=1&model=${encodeURIComponent(named)}&y=a%2Fb`;
    const asked = await ask({ port: gateway.port, path, headers: gateway.auth });
    expect(JSON.parse(asked.body.toString())).toEqual({ url: '/v1/things?x=1&model=m&y=a%2Fb' });
    expect(one.seen).toEqual([]);
  });

  it('streams each event as it comes, and counts what went by', async () => {
    const model = await standInModel();
    const gateway = await openTestGateway(sshd, [model.port]);
    const steps: (() => void)[] = [];
    model.answer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      for (const text of [
        'data: {"a":1}\n\n',
        'data: {"usage":{"prompt_tokens":7,"completion_tokens":2}}\n\n',
      ])
        steps.push(() => response.write(text));
      steps.push(() => response.end('data: [DONE]\n\n'));
    });
    const request = http.request({
      port: gateway.port,
      host: '127.0.0.1',
      agent: false,
      method: 'POST',
      path: '/v1/chat/completions',
      headers: gateway.auth,
    });
    request.end('{"model":"m","stream":true}');
    // The headers are there before the first event.
    const response = await new Promise<http.IncomingMessage>((resolve) => request.once('response', resolve));
    const chunks = response[Symbol.asyncIterator]();
    for (const [at, step] of [...steps].entries()) {
      step();
      const { value } = await chunks.next();
      expect(String(value)).toContain(['"a":1', 'usage', '[DONE]'][at]);
    }
    expect((await chunks.next()).done).toBe(true);
    await expect.poll(() => gateway.engine.handlers['gateway.requests']({ after: 0 })).toHaveLength(1);
    expect(gateway.engine.handlers['gateway.requests']({ after: 0 })).toMatchObject([
      {
        number: 1,
        method: 'POST',
        path: '/v1/chat/completions',
        model: 'm',
        host: 'lab',
        port: model.port,
        status: 200,
        tokensIn: 7,
        tokensOut: 2,
        firstTokenMs: expect.any(Number),
        outcome: 'answered',
        retried: false,
      },
    ]);
    expect(gateway.engine.snapshot().gateway).toMatchObject({ running: 0, ended: 1 });
  });

  it('behaves as a plain forward: 100 Continue, chunked bodies, trailers, HEAD, keep-alive', async () => {
    const model = await standInModel();
    const gateway = await openTestGateway(sshd, [model.port]);
    const body = JSON.stringify({ model: 'm', prompt: 'x'.repeat(300_000) });
    const expecting = http.request({
      port: gateway.port,
      host: '127.0.0.1',
      agent: false,
      method: 'POST',
      path: '/tokenize',
      headers: { ...gateway.auth, expect: '100-continue', 'content-length': body.length },
    });
    expecting.once('continue', () => expecting.end(body));
    const continued = await new Promise<http.IncomingMessage>((resolve) =>
      expecting.once('response', resolve),
    );
    expect(JSON.parse((await bodyOf(continued)).toString())).toMatchObject({ sha256: sha256(body) });

    const chunked = http.request({
      port: gateway.port,
      host: '127.0.0.1',
      agent: false,
      method: 'POST',
      path: '/tokenize',
      headers: { ...gateway.auth, 'transfer-encoding': 'chunked' },
    });
    for (let at = 0; at < body.length; at += 1000) chunked.write(body.slice(at, at + 1000));
    chunked.end();
    const whole = await new Promise<http.IncomingMessage>((resolve) => chunked.once('response', resolve));
    expect(JSON.parse((await bodyOf(whole)).toString())).toMatchObject({ sha256: sha256(body) });
    expect(model.seen.at(-1)?.headers).toMatchObject({ 'transfer-encoding': 'chunked' });

    model.answer((_request, response) => {
      response.writeHead(200, { trailer: 'x-sum', 'content-type': 'text/plain' });
      response.write('abc');
      response.addTrailers({ 'x-sum': '3' });
      response.end();
    });
    const trailed = await new Promise<http.IncomingMessage>((resolve) => {
      http.get(
        { port: gateway.port, host: '127.0.0.1', agent: false, path: '/x?model=m', headers: gateway.auth },
        resolve,
      );
    });
    expect((await bodyOf(trailed)).toString()).toBe('abc');
    expect(trailed.trailers).toEqual({ 'x-sum': '3' });

    model.answer((_request, response) => response.writeHead(200, { 'content-length': 12_345 }).end());
    const head = await ask({
      port: gateway.port,
      method: 'HEAD',
      path: '/file?model=m',
      headers: gateway.auth,
    });
    expect(head).toMatchObject({ status: 200, headers: { 'content-length': '12345' } });

    model.answer(null);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let n = 0; n < 5; n += 1) await post(gateway, '/v1/embeddings', { model: 'm' }, { agent });
    expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
    agent.destroy();
  });

  it('sends the stored API key and never the client’s, and no server gets the key of another', async () => {
    const locked = await standInModel({ models: ['locked'], apiKey: 'sk-planted' });
    const open = await standInModel({ models: ['open'] });
    const gateway = await openTestGateway(sshd, [locked.port, open.port]);
    const refused = await post(gateway, '/v1/embeddings', { model: 'locked' });
    // Without its key its models are not known.
    expect(refused.status).toBe(404);
    gateway.engine.handlers['server.setKey']({ serverId: `lab:${locked.port}`, key: 'sk-planted' });
    await expect
      .poll(async () => (await post(gateway, '/v1/embeddings', { model: 'locked' })).status, {
        timeout: 20_000,
      })
      .toBe(200);
    expect(locked.seen.at(-1)?.headers.authorization).toBe('Bearer sk-planted');
    expect((await post(gateway, '/v1/embeddings', { model: 'open' })).status).toBe(200);
    expect(open.seen.at(-1)?.headers).not.toHaveProperty('authorization');
  });

  it('does not follow a redirect, and does not pass it on', async () => {
    const model = await standInModel();
    const gateway = await openTestGateway(sshd, [model.port]);
    model.answer((_request, response) =>
      response.writeHead(307, { location: 'http://evil.example/v1' }).end(),
    );
    const answer = await post(gateway, '/v1/embeddings', { model: 'm' });
    expect(answer.status).toBe(502);
    expect(answer.headers).not.toHaveProperty('location');
    expect(JSON.parse(answer.body.toString())).toMatchObject({ error: { code: 'upstream_redirect' } });
    expect(model.seen).toHaveLength(1);
  });

  it('answers what cannot be passed on in the shape of the API', async () => {
    const model = await standInModel({ models: ['Qwen/Qwen3-8B'] });
    const gateway = await openTestGateway(sshd, [model.port]);
    const said = async (path: string, body: string, headers: http.OutgoingHttpHeaders = {}) => {
      const answer = await ask({
        port: gateway.port,
        method: 'POST',
        path,
        body,
        headers: { ...gateway.auth, ...headers },
      });
      return { status: answer.status, ...JSON.parse(answer.body.toString()) };
    };
    expect(await said('/v1/chat/completions', '{"model":"qwen3-8b"}')).toMatchObject({
      status: 404,
      error: { code: 'model_not_found', param: 'model', nearest: ['Qwen/Qwen3-8B'] },
    });
    expect(await said('/v1/messages', '{"model":"qwen3-8b"}')).toMatchObject({
      status: 404,
      type: 'error',
      error: { type: 'not_found_error' },
    });
    expect(await said('/v1/completions', '{"prompt":"x"}')).toMatchObject({
      status: 400,
      error: { code: 'model_missing' },
    });
    expect(await said('/v1/completions', '{"model":7}')).toMatchObject({ status: 400 });
    expect(await said('/v1/completions', 'model=x')).toMatchObject({ status: 400 });
    expect(await said('/v1/completions', 'x', { 'content-encoding': 'gzip' })).toMatchObject({ status: 415 });
    const answer = await ask({ port: gateway.port, path: '/metrics', headers: gateway.auth });
    expect(answer.status).toBe(400);
    expect(model.seen).toEqual([]);
  });
});
