/** A forward whose client does not read, on the real programs: what the app holds for it. Linux only: its memory is read from /proc. */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { serveOnLoopback, type WebServer } from '../../main/demo/model-server.ts';
import { type Sshd, sshdAvailable, startSshd } from '../support/ssh/sshd.ts';
import { firstLine, startCommand } from './command.ts';

const onLinux = process.platform === 'linux';
if (!onLinux) console.log('skipped: the memory of a forward whose client does not read (needs Linux)');

const wholeBytes = 1_000_000_000;
const chunk = Buffer.alloc(1_000_000, 'x');

describe.skipIf(!onLinux || !sshdAvailable())('a client that does not read', () => {
  let host: Sshd;
  let server: WebServer;
  let folder: string;
  let sent = 0;
  let app: ChildProcess | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-slow-'));
    host = await startSshd();
    server = await serveOnLoopback(async (request, response) => {
      // The forward's own question whether a model answers.
      if (request.url !== '/') return void response.writeHead(404).end();
      response.writeHead(200, { 'content-length': wholeBytes });
      const closed = once(response, 'close');
      while (sent < wholeBytes && !response.destroyed) {
        sent += chunk.length;
        if (!response.write(chunk)) await Promise.race([once(response, 'drain'), closed]);
      }
      response.end();
    });
  });
  afterAll(async () => {
    app?.kill('SIGKILL');
    await server?.close();
    await host?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it('of 1 GB costs the app a few megabytes, and gets every byte when it reads', async () => {
    app = startCommand([
      'forward',
      'lab',
      String(server.port),
      '--json',
      '--ssh-config',
      await host.configPath(folder),
    ]);
    const { localPort } = JSON.parse(await firstLine(app));
    const memoryMiB = () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${app?.pid}/status`, 'utf8'))?.[1]) / 1024;
    const client = connect(localPort, '127.0.0.1');
    await once(client, 'connect');
    client.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    client.pause();
    const before = memoryMiB();
    // The server writes until all buffers on the way are full, and then no more.
    let last = -1;
    await vi.waitFor(
      () => {
        const now = sent;
        const stands = now > 0 && now === last;
        last = now;
        expect(stands).toBe(true);
      },
      { timeout: 20_000, interval: 1000 },
    );
    const whileStill = memoryMiB();
    expect(sent).toBeLessThan(wholeBytes / 4);
    let received = 0;
    client.resume().on('data', (bytes: Buffer) => {
      received += bytes.length;
    });
    await once(client, 'end');
    const after = memoryMiB();
    console.log(
      `row: 1 GB to a client that does not read | ${Math.round(before)} MiB before, ${Math.round(whileStill)} while it stands still, ${Math.round(after)} after`,
    );
    expect(received).toBeGreaterThan(wholeBytes);
    expect(whileStill - before).toBeLessThan(64);
    expect(after - before).toBeLessThan(128);
    client.destroy();
    app.kill('SIGINT');
    await once(app, 'close');
  });
});
