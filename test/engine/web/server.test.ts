/** The browser face's server over real sockets: who is let in, what is served, and what a stalled client costs. */

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { createServer, connect as netConnect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { startWebServer, type WebServer, type WebServerDeps } from '../../../main/web/server.ts';
import { createSample, type Sample, sampleSnapshot } from '../../support/contract/sample.ts';
import { entrance, keyIn } from '../../support/contract/transports.ts';
import { tcpServer } from '../../support/model-servers.ts';

let folder: string;
let rendererDir: string;
let sample: Sample;
let server: WebServer;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-web-'));
  rendererDir = path.join(folder, 'renderer');
  await mkdir(path.join(rendererDir, 'assets'), { recursive: true });
  await writeFile(path.join(folder, 'secret.txt'), 'secret');
  await symlink(path.join(folder, 'secret.txt'), path.join(rendererDir, 'link.txt'));
  await writeFile(path.join(rendererDir, 'index.html'), '<!doctype html><title>window</title>');
  await writeFile(path.join(rendererDir, 'assets', 'index-1a2b3c.js'), 'export {};');
});
afterAll(() => rm(folder, { recursive: true }));

const start = (extra: Partial<WebServerDeps> = {}): Promise<WebServer> =>
  startWebServer({ ...sample, rendererDir, log: () => undefined, ...extra });

beforeEach(async () => {
  sample = createSample();
  server = await start();
});
afterEach(async () => {
  await server.close();
  expect(sample.listenerCount()).toBe(0);
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request as it is written, without a browser's or fetch's corrections of path and Host. */
function get(target: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: server.port, path: target, headers, method, agent: false },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      },
    );
    sent.on('error', reject).end();
  });
}

const search = (): string => new URL(server.url).search;

describe('the way in', () => {
  it('is the printed address: its page has the key to the socket, and no cookie is set', async () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
    const entered = await get(`/${search()}`);
    expect(entered).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(entered.headers).not.toHaveProperty('set-cookie');
    expect(keyIn(entered.body)).toMatch(/^[\w-]{43}$/);
    expect(entered.body).not.toContain(new URL(server.url).searchParams.get('token'));
  });

  it('is closed to a wrong, an empty and a spent token, and says when a spent one comes again', async () => {
    await server.close();
    const onTicketReused = vi.fn();
    server = await start({ onTicketReused });
    for (const token of ['wrong', '', '%00', 'a'.repeat(5000)]) {
      const { status, body } = await get(`/?token=${token}`);
      expect(status).toBe(403);
      expect(keyIn(body)).toBe('none');
      expect(body).toContain('open the one that the running vllm-tray printed');
    }
    const ticket = new URL(server.ticket().url).search;
    expect(keyIn((await get(`/${ticket}`)).body)).not.toBe('none');
    expect(onTicketReused).not.toHaveBeenCalled();
    expect((await get(`/${ticket}`)).status).toBe(403);
    expect(onTicketReused).toHaveBeenCalledOnce();
  });

  it('is closed to a ticket that comes too late', async () => {
    await server.close();
    server = await start({ ticketMs: 1 });
    const { url, ended } = server.ticket();
    await ended;
    expect((await get(`/${new URL(url).search}`)).status).toBe(403);
  });

  it('has no key for those who come without the token', async () => {
    for (const target of [
      '/',
      '/index.html',
      '/?token',
      '/?t=1',
      '/assets/index-1a2b3c.js',
      '/nothing',
      '/socket',
    ])
      expect(keyIn((await get(target)).body), target).toBe('none');
    expect((await get(`/index.html${search()}`)).body).not.toContain('vllm-tray-key');
  });

  it.each(['evil.example', '127.0.0.1.evil.example:80', '192.168.0.1'])(
    'is closed to the host name %s, even with the token',
    async (host) => {
      const refused = await get(`/${search()}`, { host });
      expect(refused.status).toBe(403);
      expect(keyIn(refused.body)).toBe('none');
      expect((await get('/', { host })).status).toBe(403);
    },
  );

  it('is open through a tunnel with another port in front', async () => {
    const { status, body } = await get(`/${search()}`, { host: 'localhost:9999' });
    expect(status).toBe(200);
    expect(keyIn(body)).not.toBe('none');
  });

  it('is not opened by another page of this computer', async () => {
    const headers = { origin: 'http://127.0.0.1:1' };
    expect((await get(`/${search()}`, headers)).status).toBe(403);
  });

  it('listens on 127.0.0.1 alone', async () => {
    // The rest of 127.0.0.0/8 is this computer too, so it answers if the server listens wider.
    const refused = await new Promise((resolve) => {
      const socket = netConnect({ host: '127.0.0.2', port: server.port });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      socket.once('connect', () => resolve(socket.destroy()));
    });
    expect(refused).toBe('ECONNREFUSED');
  });
});

describe('the files', () => {
  it('are those of the window, hashed ones for ever and the page never kept', async () => {
    const script = await get('/assets/index-1a2b3c.js');
    expect(script).toMatchObject({ status: 200, body: 'export {};' });
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(script.headers['cache-control']).toContain('immutable');
    expect((await get('/')).headers['cache-control']).toBe('no-store');
    expect(await get('/', {}, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/..\\secret.txt',
    '//secret.txt',
    '/link.txt',
    '/index.html%00',
    '/assets',
    '/assets/',
    '/constructor',
    '/__proto__',
  ])('nothing else: %s', async (target) => {
    const { status, body } = await get(target);
    expect(status).toBe(404);
    expect(body).not.toContain('secret');
  });

  it('are read only', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await get('/', {}, method);
      expect(status).toBe(405);
      expect(headers.allow).toBe('GET, HEAD');
    }
  });

  it('carry the security headers, refusals too', async () => {
    for (const answer of [await get('/'), await get(`/${search()}`), await get('/?token=wrong')]) {
      const csp = answer.headers['content-security-policy'];
      expect(csp).toContain("default-src 'none'");
      expect(csp).toContain("frame-ancestors 'none'");
      expect(csp).not.toContain('unsafe');
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });
});

describe('the socket', () => {
  const origin = () => `http://127.0.0.1:${server.port}`;

  /** The status a WebSocket was refused with, or `open`. */
  function knock(
    protocols: string[],
    headers: Record<string, string>,
    target = '/socket',
  ): Promise<number | string> {
    return new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}${target}`, protocols, { headers });
      socket.on('unexpected-response', (sent, response) => {
        sent.destroy();
        resolve(response.statusCode ?? 0);
      });
      socket.on('error', () => undefined);
      socket.on('open', () => {
        socket.terminate();
        resolve(`open, ${socket.protocol}`);
      });
    });
  }

  it('opens to the own page with its key, and to nobody else', async () => {
    const own = { origin: origin() };
    const key = keyIn((await get(`/${search()}`)).body);
    const token = new URL(server.url).searchParams.get('token') ?? '';
    const protocols = ['vllm-tray', key];
    expect(await knock(protocols, own)).toBe('open, vllm-tray');
    expect(await knock([], own)).toBe(401);
    expect(await knock(['vllm-tray'], own)).toBe(401);
    expect(await knock(['vllm-tray', 'wrong'], own)).toBe(401);
    expect(await knock(['vllm-tray', token], own)).toBe(401);
    expect(await knock(['vllm-tray'], { ...own, cookie: `vllm-tray-${server.port}=${key}` })).toBe(401);
    expect(await knock(protocols, {})).toBe(403);
    expect(await knock(protocols, { origin: 'http://evil.example' })).toBe(403);
    expect(await knock(protocols, { origin: `http://localhost:${server.port}` })).toBe(403);
    expect(await knock(protocols, { host: 'evil.example', origin: 'http://evil.example' })).toBe(403);
    expect(await knock(protocols, own, '/')).toBe(403);
    expect(await knock(protocols, own, `/${search()}`)).toBe(403);
  });

  it('lets go of a refused client that never hangs up', async () => {
    const socket = netConnect({ host: '127.0.0.1', port: server.port, allowHalfOpen: true });
    socket
      .resume()
      .write(`GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    await vi.waitFor(() => expect(socket.readableEnded, 'the refusal has ended').toBe(true));
    let state = 'closing';
    void server.close().then(() => {
      state = 'closed';
    });
    await vi.waitFor(() => expect(state).toBe('closed'));
    socket.destroy();
  });

  it.each([
    ['text that is no JSON', 'hello', 1008],
    ['JSON that is no request', '[1]', 1008],
    ['a request with a field too many', '{"id":1,"name":"scan.cancel","input":{},"x":1}', 1008],
    ['a request without an id', '{"name":"scan.cancel"}', 1008],
    ['a binary frame', Buffer.from('{"id":1,"name":"scan.cancel"}'), 1003],
    ['a frame beyond 8 MiB', `"${'x'.repeat(8 * 1024 * 1024)}"`, 1009],
  ])('is closed after %s, and the server goes on', async (_what, frame, code) => {
    const open = await entrance(server.url);
    const bad = await opened(open());
    const closed = new Promise((resolve) => bad.once('close', resolve));
    bad.send(frame);
    expect(await closed).toBe(code);
    expect(sample.calls).toEqual([]);
    const good = await opened(open());
    expect(await ask(good, 'snapshot.get')).toEqual({ ok: true, value: sampleSnapshot });
  });

  it('serves two clients at once: each its own answers, both every patch', async () => {
    const open = await entrance(server.url);
    const clients = [await opened(open()), await opened(open())];
    const heard = clients.map(patches);
    const replies = await Promise.all(clients.map((client) => ask(client, 'scan.start', { hostIds: ['a'] })));
    expect(replies).toEqual([
      { ok: true, value: { total: 1 } },
      { ok: true, value: { total: 1 } },
    ]);
    sample.push({ revision: 8 });
    await vi.waitFor(() => expect(heard).toEqual([[8], [8]]));
  });

  it('counts its clients for the engine', async () => {
    const counts: number[] = [];
    await server.close();
    server = await start({ onClients: (count) => counts.push(count) });
    const open = await entrance(server.url);
    const first = await opened(open());
    const second = await opened(open());
    first.terminate();
    await vi.waitFor(() => expect(counts).toEqual([1, 2, 1]));
    second.close();
    await vi.waitFor(() => expect(counts).toEqual([1, 2, 1, 0]));
  });

  it('drops a client that answers no ping, and keeps one that does', async () => {
    await server.close();
    const counts: number[] = [];
    server = await start({ heartbeatMs: 200, onClients: (count) => counts.push(count) });
    const open = await entrance(server.url);
    const quick = await opened(open());
    const mute = open();
    const gone = new Promise((resolve) => mute.once('close', resolve));
    mute.pong = () => undefined;
    await opened(mute);
    expect(await gone).toBe(1006);
    await vi.waitFor(() => expect(counts).toEqual([1, 2, 1]));
    expect(await ask(quick, 'scan.cancel')).toEqual({ ok: true, value: null });
  });

  it('holds patches back from a client that does not read, which then sees the gap', async () => {
    const open = await entrance(server.url);
    const stalled = await opened(open());
    const quick = await opened(open());
    const late = patches(stalled);
    const quickHeard = patches(quick);
    socketOf(stalled).pause();
    const detail = 'x'.repeat(1024 * 1024);
    const last = 70;
    for (let revision = 1; revision <= last; revision += 1) {
      sample.push({ revision, problems: [{ code: 'internal', detail }] });
      await vi.waitFor(() => expect(quickHeard.at(-1)).toBe(revision), { interval: 5 });
    }
    socketOf(stalled).resume();
    // The last one comes in any case: without it a client would stay behind until something changes again.
    await vi.waitFor(() => expect(late.at(-1)).toBe(last));
    expect(quickHeard).toHaveLength(last);
    expect(late.length).toBeLessThan(last / 2);
    expect([...late].sort((a, b) => a - b)).toEqual(late);
  });
});

describe('clients that do not read, and strangers', () => {
  it('holds replies back from a client that does not read, and answers each once it does', async () => {
    await server.close();
    const detail = 'x'.repeat(512 * 1024);
    let answered = 0;
    const handlers = {
      ...sample.handlers,
      'snapshot.get': () => {
        answered += 1;
        return { ...sampleSnapshot, problems: [{ code: 'internal' as const, detail }] };
      },
    };
    server = await start({ handlers });
    const client = await opened((await entrance(server.url))());
    const replies: number[] = [];
    client.on('message', (data) => replies.push(JSON.parse(data.toString()).id));
    socketOf(client).pause();
    const all = Array.from({ length: 120 }, (_, id) => id);
    for (const id of all) client.send(JSON.stringify({ id, name: 'snapshot.get' }));
    // A second client is served meanwhile; when it has had many answers, the first one's requests have long been read.
    const quick = await opened((await entrance(server.url))());
    for (let round = 0; round < 8; round += 1) await ask(quick, 'scan.cancel');
    // Whatever the kernel's buffers take, 32 that are under way, and no more: all would be 60 MiB.
    expect(answered).toBeLessThan(80);
    socketOf(client).resume();
    await vi.waitFor(() => expect(replies).toEqual(all), { timeout: 25_000 });
  });

  it('cuts half-open requests early, and lets the owner in beside 3,000 of them', async () => {
    await server.close();
    const onConnectionsCut = vi.fn();
    server = await start({ onConnectionsCut });
    const strangers: Socket[] = [];
    let ended = 0;
    const knock = async (): Promise<void> => {
      const socket = netConnect({ host: '127.0.0.1', port: server.port });
      strangers.push(socket);
      socket
        .resume()
        .on('error', () => undefined)
        .on('close', () => {
          ended += 1;
        });
      await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
      socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ');
    };
    const owner = await opened((await entrance(server.url))());
    for (let batch = 0; batch < 30; batch += 1) await Promise.all(Array.from({ length: 100 }, knock));
    await vi.waitFor(() => expect(ended).toBeGreaterThanOrEqual(3000 - 128));
    expect(onConnectionsCut).toHaveBeenCalledOnce();
    expect(await ask(owner, 'snapshot.get')).toMatchObject({ ok: true });
    const second = await opened((await entrance(server.url))());
    expect(await ask(second, 'snapshot.get')).toMatchObject({ ok: true });
    // Those that are left never finish, and are cut as well.
    await vi.waitFor(() => expect(ended).toBe(3000), { timeout: 20_000 });
    owner.terminate();
    second.terminate();
  });

  it('lets go of connections that say nothing', async () => {
    const silent = netConnect({ host: '127.0.0.1', port: server.port });
    await new Promise((resolve) =>
      silent
        .resume()
        .on('error', () => undefined)
        .once('close', resolve),
    );
  });
});

describe('the end', () => {
  it('closes every client, also those that do not answer, and frees the port', async () => {
    const open = await entrance(server.url);
    const polite = await opened(open());
    const deaf = await opened(open());
    const goodbye = new Promise((resolve) => polite.once('close', resolve));
    socketOf(deaf).pause();
    const idle = netConnect({ host: '127.0.0.1', port: server.port });
    await new Promise((resolve) => idle.once('connect', resolve));
    await Promise.all([server.close(), server.close()]);
    expect(await goodbye).toBe(1001);
    deaf.terminate();
    idle.destroy();
    const again = createServer();
    await new Promise<void>((resolve) => again.listen(server.port, '127.0.0.1', resolve));
    await new Promise((resolve) => again.close(resolve));
  });

  it('says which port is taken, and when the window is not built', async () => {
    const port = await tcpServer(() => undefined);
    await expect(start({ port })).rejects.toMatchObject({ code: 'port-in-use' });
    await expect(start({ rendererDir: path.join(folder, 'none') })).rejects.toMatchObject({
      code: 'internal',
      detail: expect.stringContaining('not built'),
    });
  });
});

function opened(socket: WebSocket): Promise<WebSocket> {
  return new Promise((resolve, reject) => socket.once('open', () => resolve(socket)).once('error', reject));
}

/** The revisions of the patches a client hears, as they come. */
function patches(socket: WebSocket): readonly number[] {
  const heard: number[] = [];
  socket.on('message', (data) => {
    const frame = JSON.parse(data.toString());
    if (frame.push === 'patch') heard.push(frame.payload.revision);
  });
  return heard;
}

function ask(socket: WebSocket, name: string, input?: unknown): Promise<unknown> {
  return new Promise((resolve) => {
    socket.on('message', (data) => {
      const frame = JSON.parse(data.toString());
      if (frame.id === name) resolve(frame.reply);
    });
    socket.send(JSON.stringify({ id: name, name, input }));
  });
}

/** The TCP socket below a client: a reader that stalls is made there. */
function socketOf(client: WebSocket): Socket {
  return (client as unknown as { readonly _socket: Socket })._socket;
}
