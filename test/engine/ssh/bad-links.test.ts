import { chmod } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { AppError } from '#common/failure.ts';
import { openShell } from '#engine/probe/shell.ts';
import type { Pool, PoolDeps } from '#engine/ssh/pool.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { tcpServer } from '../../support/model-servers.ts';
import { output, poolFor, rejection } from '../../support/ssh/pool-for.ts';
import {
  type HostOptions,
  type Sshd,
  sshdAvailable,
  startSshd,
  writeSshConfig,
} from '../../support/ssh/sshd.ts';
import { startTcpProxy, type TcpProxy, type TcpProxyOptions } from '../../support/ssh/tcp-proxy.ts';

describe.skipIf(!sshdAvailable())('a connection over a bad link', () => {
  let folder: Folder;
  let sshd: Sshd;

  beforeAll(async () => {
    folder = await temporaryFolder();
    sshd = await startSshd({ env: { PATH: `${join(folder.path, 'bin')}:/usr/bin:/bin` } });
  });
  afterAll(async () => {
    await sshd?.stop();
    await folder?.remove();
  });

  /** A pool with the host `bad` behind a proxy, and the host `good` behind none. */
  const poolOver = async (
    link: TcpProxyOptions,
    overrides: Partial<PoolDeps>,
    options: HostOptions = {},
  ): Promise<{ pool: Pool; proxy: TcpProxy }> => {
    const proxy = await startTcpProxy(sshd.port, link);
    const host = { ...sshd.hostOptions(), HostKeyAlias: `[127.0.0.1]:${sshd.port}` };
    const path = await writeSshConfig(folder.path, [
      { alias: 'bad', options: { ...host, Port: proxy.port, ...options } },
      { alias: 'good', options: host },
    ]);
    const pool = poolFor(path, { home: folder.path, ...overrides });
    onTestFinished(async () => {
      await pool.dispose();
      await proxy.close();
    });
    return { pool, proxy };
  };

  it.each(['built-in', 'system'] as const)(
    'that swallows everything ends, and the next one is new: by the %s client',
    async (client) => {
      const liveness = { silenceMs: 1000, misses: 3 };
      const { pool, proxy } = await poolOver({}, { liveness, transportSetting: () => client });
      const [{ transport }, good] = await Promise.all([pool.get('bad'), pool.get('good')]);
      const ended = new Promise<AppError>((resolve) => transport.onClose(resolve));
      proxy.blackhole();
      expect(await ended).toMatchObject({ code: 'connection-lost', detail: 'no sign of life for 3 s' });
      proxy.forget();
      expect(await output((await pool.get('bad')).transport, 'echo back')).toBe('back\n');
      expect(pool.peek('good')?.transport).toBe(good.transport);
      expect(await output(good.transport, 'echo unharmed')).toBe('unharmed\n');
    },
  );

  it('that a gateway has forgotten is replaced as soon as its host greets a new one', async () => {
    // Its own pings would end it after five minutes, so nothing but the new greeting does.
    const doubts = { answerMs: 200, everyMs: 100, leastMs: 500, graceMs: 100 };
    const { pool, proxy } = await poolOver({}, { liveness: { silenceMs: 100_000, misses: 3, doubts } });
    const { transport } = await pool.get('bad');
    const ended = new Promise<AppError>((resolve) => transport.onClose(resolve));
    proxy.blackhole();
    pool.doubt('bad');
    proxy.forget();
    expect(await ended).toMatchObject({
      code: 'connection-lost',
      detail: expect.stringContaining('greets a new one'),
    });
    expect(await output((await pool.get('bad')).transport, 'echo back')).toBe('back\n');
  });

  it('of 200 ms each way is kept while it is silent', async () => {
    const { pool } = await poolOver(
      { delayMs: 200 },
      { liveness: { silenceMs: 1000, misses: 3 }, connectMs: () => 30_000 },
    );
    const { transport } = await pool.get('bad');
    const before = transport.bytesReceived();
    // Answers to pings are all that comes: some 36 bytes each.
    await vi.waitFor(() => expect(transport.bytesReceived()).toBeGreaterThan(before + 400), {
      timeout: 20_000,
    });
    expect(await output(transport, 'echo still')).toBe('still\n');
    expect(pool.peek('bad')?.transport).toBe(transport);
  });

  it('of 2 kB/s is kept while it is busy, though no ping is answered in time', async () => {
    const { pool } = await poolOver(
      { bytesPerSecond: 2000 },
      { liveness: { silenceMs: 500, misses: 3 }, connectMs: () => 30_000 },
    );
    const { transport } = await pool.get('bad');
    expect(await output(transport, 'head -c 5000 /dev/zero')).toHaveLength(5000);
    expect(pool.peek('bad')?.transport).toBe(transport);
  });

  it('of 8 kB/s is given the time that a single packet takes', async () => {
    // sshd packs up to 32 kB together, of which nothing is seen before the last byte is here.
    await folder.write('bin/ss', '#!/bin/sh\nhead -c 60000 /dev/zero | tr "\\0" x\n');
    await chmod(join(folder.path, 'bin', 'ss'), 0o755);
    const { pool } = await poolOver({ bytesPerSecond: 8000 }, { connectMs: () => 30_000 });
    const { transport } = await pool.get('bad');
    const shell = await openShell(transport, { timeoutMs: 20_000 });
    const { parts } = await shell.request('ports', '', { timeoutMs: 1500 });
    expect(parts.map(({ name, text }) => [name, text.length])).toEqual([['ss', 60_000]]);
    shell.close();
  });

  it('that brings the greeting byte by byte loses none of it', async () => {
    const port = await tcpServer((near) => {
      const far = connect({ port: sshd.port, host: '127.0.0.1' }).on('error', () => near.destroy());
      near.setNoDelay().pipe(far);
      far.once('data', async (greeting) => {
        far.pause();
        for (const byte of greeting) {
          near.write(Buffer.of(byte));
          await setTimeout(2);
        }
        far.pipe(near);
      });
    });
    const { pool } = await poolOver({}, {}, { Port: port });
    expect(await output((await pool.get('bad')).transport, 'echo whole')).toBe('whole\n');
  });

  it('that is too slow for a handshake is given up in time, and alone', async () => {
    const { pool } = await poolOver({ bytesPerSecond: 100 }, {}, { ConnectTimeout: 1 });
    const [bad, good] = await Promise.all([rejection(pool.get('bad')), pool.get('good')]);
    expect(bad).toMatchObject({ code: 'connection-timeout', detail: 'the handshake did not end within 1 s' });
    expect(await output(good.transport, 'echo unharmed')).toBe('unharmed\n');
  });
});
