import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newPrometheusSource, type PrometheusSource } from '#common/prometheus.ts';
import { createClient, type PrometheusClient } from '#engine/sources/prometheus/client.ts';
import type { SourceSecrets } from '#engine/sources/prometheus/way.ts';
import {
  dcgmText,
  type Exporter,
  haveAll,
  type Running,
  startExporter,
  startNginx,
  startPrometheus,
} from '../../../support/prometheus.ts';

const clients: PrometheusClient[] = [];
const servers: Server[] = [];
const never = new AbortController().signal;

function clientFor(
  url: string,
  {
    secrets = {},
    timeoutMs = 10_000,
    ...fields
  }: Partial<PrometheusSource> & { secrets?: Partial<SourceSecrets>; timeoutMs?: number } = {},
): PrometheusClient {
  const client = createClient({
    source: { ...newPrometheusSource('one', url), ...fields },
    secrets: { login: null, header: null, ...secrets },
    stream: async (_alias, port) => connect({ port, host: '127.0.0.1' }),
    timeoutMs,
  });
  clients.push(client);
  return client;
}

/** A server of the test's own, for answers that no Prometheus gives. */
async function answering(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

const ok = (result: readonly unknown[], more: object = {}): string =>
  JSON.stringify({ status: 'success', data: { resultType: 'vector', result }, ...more });
const json = (response: ServerResponse, body: string, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body);
};

describe('what answers in the place of Prometheus', () => {
  it.each([
    [
      'a login page',
      200,
      'text/html',
      '<!doctype html><title>Log in</title>',
      'source-not-prometheus',
      'a web page came back, as from a login page',
    ],
    ['401', 401, 'text/plain', 'who are you', 'source-refused', 'HTTP 401'],
    ['403 for GET as for POST', 403, 'text/plain', 'no', 'source-refused', 'HTTP 403'],
    ['503', 503, 'text/html', '<html>busy</html>', 'source-busy', 'HTTP 503'],
    ['404', 404, 'text/plain', '404 page not found', 'source-not-prometheus', 'HTTP 404, and no JSON'],
    [
      'other JSON',
      200,
      'application/json',
      '{"object":"list"}',
      'source-not-prometheus',
      'HTTP 200, and other JSON',
    ],
    [
      'a refused query',
      422,
      'application/json',
      '{"status":"error","errorType":"execution","error":"too many samples"}',
      'source-query',
      'execution: too many samples',
    ],
    [
      'a query that took too long',
      503,
      'application/json',
      '{"status":"error","errorType":"timeout","error":"query timed out"}',
      'source-busy',
      'timeout: query timed out',
    ],
  ] as const)('is said in one line: %s', async (_name, status, type, body, code, detail) => {
    const url = await answering((_request, response) => {
      response.writeHead(status, { 'content-type': type });
      response.end(body);
    });
    await expect(clientFor(url).instant('up', never)).rejects.toMatchObject({ code, detail });
  });

  it('follows no redirect, and does not repeat the secret in its query', async () => {
    const asked: string[] = [];
    const url = await answering((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(302, { location: '/login?token=abc' }).end();
    });
    await expect(clientFor(url).instant('up', never)).rejects.toMatchObject({
      code: 'source-not-prometheus',
      detail: 'it redirects to /login',
    });
    expect(asked).toEqual(['/api/v1/query']);
  });

  it('sends two queries at once, and those that wait not at all when they are called off', async () => {
    const forms: IncomingMessage[] = [];
    const client = clientFor(await answering((request) => void forms.push(request)));
    const ending = new AbortController();
    const asked = Promise.allSettled(
      ['1', '2', '3', '4'].map((query) => client.instant(query, ending.signal)),
    );
    await expect.poll(() => forms.length).toBe(2);
    ending.abort();
    for (const outcome of await asked) expect(outcome).toMatchObject({ reason: { code: 'cancelled' } });
    expect(forms).toHaveLength(2);
  });

  it('blots out a token that a refusal repeats', async () => {
    const url = await answering((request, response) =>
      json(
        response,
        JSON.stringify({
          status: 'error',
          errorType: 'bad_data',
          error: `no ${request.headers.authorization}`,
        }),
        400,
      ),
    );
    await expect(
      clientFor(url, { login: 'bearer', secrets: { login: 'hunter2-token' } }).instant('up', never),
    ).rejects.toMatchObject({ detail: 'bad_data: no Bearer …' });
  });

  it('gives up after its time, and when it is called off', async () => {
    const url = await answering(() => undefined);
    await expect(clientFor(url, { timeoutMs: 200 }).instant('up', never)).rejects.toMatchObject({
      code: 'source-busy',
    });
    const ending = new AbortController();
    const asked = clientFor(url).instant('up', ending.signal);
    ending.abort();
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('says that a server is none which goes over to another protocol', async () => {
    const url = await answering(({ socket }) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    );
    await expect(clientFor(url).instant('up', never)).rejects.toMatchObject({
      code: 'source-not-prometheus',
      detail: 'something else than HTTP',
    });
  });

  it('says that nothing listens', async () => {
    await expect(clientFor('http://127.0.0.1:1').instant('up', never)).rejects.toMatchObject({
      code: 'source-unreachable',
      detail: 'connect ECONNREFUSED 127.0.0.1:1',
    });
  });

  it('takes no answer without end', async () => {
    const url = await answering((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void => {
        while (response.write(' '.repeat(65_536)));
        response.once('drain', more);
      };
      more();
    });
    await expect(clientFor(url).instant('up', never)).rejects.toMatchObject({ code: 'source-too-many' });
  });
});

describe('a server that takes only GET', () => {
  it('is asked by GET from then on, without parameters of its own', async () => {
    const asked: string[] = [];
    const url = await answering((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      if (request.method === 'POST') json(response, '{"error":"method not allowed"}', 405);
      else if (/[?&](?!query=)/.test(request.url ?? ''))
        json(response, '{"status":"error","errorType":"bad_data","error":"unknown parameter"}', 400);
      else json(response, ok([{ metric: { a: 'b' }, value: [1, '2'] }]));
    });
    const client = clientFor(`${url}/prefix/`);
    expect((await client.instant('up', never)).items).toEqual([{ metric: { a: 'b' }, value: [1, '2'] }]);
    await client.instant('up', never);
    expect(asked).toEqual([
      'POST /prefix/api/v1/query',
      'GET /prefix/api/v1/query?query=up',
      'GET /prefix/api/v1/query?query=up',
    ]);
  });
});

describe('partial answers', () => {
  it.each([
    [{ warnings: ['no StoreAPI matched'] }, 'no StoreAPI matched'],
    [{ isPartial: true }, 'the server says that its answer is partial'],
    [{ infos: ['PromQL info: metric might not be a counter'] }, null],
    [{ warnings: ['PromQL warning: bucket label'] }, null],
  ])('%j', async (more, partial) => {
    const url = await answering((_request, response) => json(response, ok([], more)));
    expect((await clientFor(url).instant('up', never)).partial).toBe(partial);
  });
});

describe.skipIf(!haveAll('prometheus', 'nginx'))('a real Prometheus', () => {
  let exporter: Exporter;
  let prometheus: Running;
  beforeAll(async () => {
    exporter = await startExporter(dcgmText('old', [{ util: 3, usedMiB: 10 }]));
    prometheus = await startPrometheus([{ port: exporter.port, instance: 'gpu-01:9400' }]);
  });
  afterAll(async () => {
    await prometheus?.stop();
    await exporter?.stop();
  });

  const hasUp = (client: PrometheusClient) =>
    expect
      .poll(async () => (await client.instant('up', never)).items.map(({ metric }) => metric.instance))
      .toEqual(['gpu-01:9400']);

  it('answers queries, with its version, samples and ranges', async () => {
    const client = clientFor(prometheus.url);
    await hasUp(client);
    expect(await client.version(never)).toMatch(/^\d/);
    const { items } = await client.matrix('up[5m]', never);
    expect(items[0]?.values.length).toBeGreaterThan(0);
    const rangeOfMinute = async (): Promise<readonly (string | undefined)[]> => {
      const endS = Math.floor(Date.now() / 1000);
      const { items: series } = await client.range(
        { query: 'up', startS: endS - 60, endS, stepS: 15 },
        never,
      );
      return series.map(({ metric }) => metric.instance);
    };
    await expect.poll(rangeOfMinute).toEqual(['gpu-01:9400']);
    await expect(client.instant('up{', never)).rejects.toMatchObject({ code: 'source-query' });
  });

  it('is reached through a channel of an ssh alias', async () => {
    await hasUp(clientFor(`ssh://head:${prometheus.port}`));
  });

  it('is reached behind a prefix with a password, a token or a header, and only with the right one', async () => {
    const nginx = await startNginx(`
      location /basic/ { auth_basic "x"; auth_basic_user_file passwords; proxy_pass ${prometheus.url}/; }
      location /api/datasources/proxy/uid/abc/ {
        if ($http_authorization != "Bearer sesame") { return 401; }
        proxy_pass ${prometheus.url}/;
      }
      location /tenant/ { if ($http_x_scope_orgid != "team") { return 403; } proxy_pass ${prometheus.url}/; }
    `);
    try {
      // Apache's form for a password that is not hashed.
      await writeFile(join(nginx.folder, 'passwords'), 'ada:{PLAIN}lovelace\n');
      const basic = { login: 'basic', user: 'ada' } as const;
      await hasUp(clientFor(`${nginx.url}/basic`, { ...basic, secrets: { login: 'lovelace' } }));
      const wrong = clientFor(`${nginx.url}/basic`, { ...basic, secrets: { login: 'x' } });
      await expect(wrong.instant('up', never)).rejects.toMatchObject({
        code: 'source-refused',
        detail: 'HTTP 401',
      });
      const grafana = `${nginx.url}/api/datasources/proxy/uid/abc`;
      await hasUp(clientFor(grafana, { login: 'bearer', secrets: { login: 'sesame' } }));
      await expect(clientFor(grafana).instant('up', never)).rejects.toMatchObject({ code: 'source-refused' });
      await hasUp(clientFor(`${nginx.url}/tenant`, { header: 'X-Scope-OrgID', secrets: { header: 'team' } }));
      await expect(clientFor(`${nginx.url}/tenant`).instant('up', never)).rejects.toMatchObject({
        code: 'source-refused',
      });
    } finally {
      await nginx.stop();
    }
  });
});
