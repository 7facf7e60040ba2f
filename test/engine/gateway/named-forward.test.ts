/** Forwards by name at the gateway's port, on a real sshd. */

import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, openTestGateway } from '../../support/gateway.ts';
import { type Sshd, sshdAvailable, startSshd } from '../../support/ssh/sshd.ts';
import { json, standInModel } from '../../support/stand-in-model.ts';

describe.skipIf(!sshdAvailable())('NAME.localhost', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  it('leads to the forward of that name, by its label or its target, with the key and any path', async () => {
    const one = await standInModel({ models: ['m'] });
    const other = await standInModel({ models: ['m'] });
    other.answer((_request, response) => json(response, {}));
    const gateway = await openTestGateway(sshd, [one.port, other.port]);
    const { handlers } = gateway.engine;
    const forward = await handlers['forward.open']({ hostId: 'lab', remotePort: other.port });
    const get = (name: string, path: string, headers: object = gateway.auth) =>
      ask({ port: gateway.port, path, headers: { ...headers, host: `${name}.localhost:${gateway.port}` } });

    const byTarget = await get(`LAB-${other.port}`, '/v1/models?x=1');
    expect(byTarget).toMatchObject({ status: 200, headers: { 'x-vllm-tray-host': 'lab' } });
    expect(one.seen.filter(({ url }) => url.includes('x=1'))).toEqual([]);
    const [seen] = other.seen.filter(({ url }) => url.includes('x=1'));
    expect(seen?.headers).toMatchObject({ host: `127.0.0.1:${other.port}` });
    expect(seen?.headers).not.toHaveProperty('authorization');

    await handlers['forward.label']({ forwardId: forward.id, label: 'My Qwen' });
    expect((await get('my-qwen', '/v1/models')).status).toBe(200);
    const { traffic } = gateway.engine.snapshot().forwards.find(({ id }) => id === forward.id) ?? {};
    expect(traffic?.totalConnections).toBeGreaterThan(0);

    expect((await get('my-qwen', '/v1/models', {})).status).toBe(401);
    const unknown = await get(`lab-${one.port}`, '/v1/models');
    expect(unknown.status).toBe(404);
    expect(JSON.parse(unknown.body.toString()).error.message).toBe(
      `No forward is called lab-${one.port}. There are: my-qwen.`,
    );
    const post = { method: 'POST', body: JSON.stringify({ model: 'not-looked-at' }) };
    const host = `my-qwen.localhost:${gateway.port}`;
    const headers = { ...gateway.auth, host, 'content-type': 'application/json' };
    expect((await ask({ port: gateway.port, path: '/v1/chat/completions', ...post, headers })).status).toBe(
      200,
    );
    expect(one.seen.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('is refused where two forwards have the name', async () => {
    const one = await standInModel({ models: ['m'] });
    const other = await standInModel({ models: ['m'] });
    const gateway = await openTestGateway(sshd, [one.port, other.port]);
    const { handlers } = gateway.engine;
    for (const { port } of [one, other]) {
      const { id: forwardId } = await handlers['forward.open']({ hostId: 'lab', remotePort: port });
      await handlers['forward.label']({ forwardId, label: 'twin' });
    }
    const host = `twin.localhost:${gateway.port}`;
    const answer = await ask({ port: gateway.port, path: '/v1/models', headers: { ...gateway.auth, host } });
    expect(answer.status).toBe(409);
    expect(answer.body.toString()).toContain('Two forwards are called twin');
  });

  it('passes an upgrade on through the forward', async () => {
    const model = await standInModel({ models: ['m'] });
    const paths: (string | undefined)[] = [];
    model.onUpgrade((request, socket) => {
      paths.push(request.url);
      socket.end(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello',
      );
    });
    const gateway = await openTestGateway(sshd, [model.port]);
    await gateway.engine.handlers['forward.open']({ hostId: 'lab', remotePort: model.port });
    const socket = connect(gateway.port, '127.0.0.1');
    socket.write(
      [
        'GET /v1/realtime HTTP/1.1',
        `Host: lab-${model.port}.localhost:${gateway.port}`,
        `Authorization: ${gateway.auth.authorization}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        '',
        '',
      ].join('\r\n'),
    );
    let text = '';
    for await (const bytes of socket) text += bytes;
    expect(text).toMatch(/^HTTP\/1\.1 101 /);
    expect(text).toMatch(/hello$/);
    expect(paths).toEqual(['/v1/realtime']);
  });
});
