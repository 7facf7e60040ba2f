import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { newPrometheusSource, type PrometheusSource } from '#common/prometheus.ts';
import { createClient } from '#engine/sources/prometheus/client.ts';
import { type Certificates, makeCertificates } from '../../../support/certificates.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { haveAll, type Running, startNginx, startPrometheus } from '../../../support/prometheus.ts';

const never = new AbortController().signal;

describe.skipIf(!haveAll('prometheus', 'nginx'))('a client certificate', () => {
  let folder: Folder;
  let made: Certificates;
  let plain: Running;
  /** Prometheus behind nginx, which asks after the handshake, and one that asks in it. */
  let servers: Readonly<Record<'nginx' | 'itself', Running>>;
  beforeAll(async () => {
    folder = await temporaryFolder();
    made = await makeCertificates(folder.path);
    const { authority, server } = made;
    plain = await startPrometheus([]);
    const nginx = await startNginx(
      `ssl_certificate ${server.certificate}; ssl_certificate_key ${server.key};
       ssl_client_certificate ${authority}; ssl_verify_client on; location / { proxy_pass ${plain.url}; }`,
      'ssl',
    );
    const web = join(folder.path, 'web.yml');
    const config = {
      cert_file: server.certificate,
      key_file: server.key,
      client_ca_file: authority,
      client_auth_type: 'RequireAndVerifyClientCert',
    };
    await writeFile(web, JSON.stringify({ tls_server_config: config }));
    servers = { nginx, itself: await startPrometheus([], [`--web.config.file=${web}`]) };
  });
  afterAll(async () => {
    await servers?.nginx.stop();
    await servers?.itself.stop();
    await plain?.stop();
    await folder?.remove();
  });

  const ask = async (
    at: keyof typeof servers,
    fields: Partial<PrometheusSource>,
    login: string | null = null,
  ) => {
    const url = `https://127.0.0.1:${servers[at].port}`;
    const client = createClient({
      source: { ...newPrometheusSource('one', url), authority: made.authority, ...fields },
      secrets: { login, header: null },
      stream: () => Promise.reject(new Error('no host is asked')),
      timeoutMs: 10_000,
    });
    onTestFinished(client.close);
    return (await client.instant('1', never)).items.map(({ value }) => value[1]);
  };
  const by = (pair: Certificates['client']): Partial<PrometheusSource> => ({ login: 'certificate', ...pair });

  it.each(['nginx', 'itself'] as const)('opens what wants one: %s', async (at) => {
    expect(await ask(at, by(made.client))).toEqual(['1']);
    expect(await ask(at, by(made.locked), 'sesame')).toEqual(['1']);
  });

  it.each([
    ['nginx', 'No required SSL certificate was sent', 'The SSL certificate error'],
    // Go's libraries have said either, by their age.
    ['itself', expect.stringMatching(/certificate/), expect.stringMatching(/certificate|unknown ca/)],
  ] as const)('is missed, or refused, in one line: %s', async (at, missing, refused) => {
    await expect(ask(at, {})).rejects.toMatchObject({ code: 'source-refused', detail: missing });
    await expect(ask(at, by(made.stranger))).rejects.toMatchObject({
      code: 'source-refused',
      detail: refused,
    });
  });

  it('that cannot be used is said before anything is asked', async () => {
    await expect(ask('nginx', by(made.locked), 'wrong')).rejects.toMatchObject({
      code: 'source-login',
      detail: 'the passphrase is not that of the key',
    });
    const mixed = { certificate: made.client.certificate, key: made.stranger.key };
    await expect(ask('nginx', by(mixed))).rejects.toMatchObject({ code: 'source-login' });
    await expect(ask('nginx', by({ ...made.client, key: '/nowhere.key' }))).rejects.toMatchObject({
      code: 'source-login',
      detail: expect.stringContaining('ENOENT'),
    });
  });

  it('does not stand in for an authority that the system does not know', async () => {
    await expect(ask('nginx', { ...by(made.client), authority: '' })).rejects.toMatchObject({
      code: 'source-unreachable',
      detail: expect.stringContaining('certificate'),
    });
  });
});
