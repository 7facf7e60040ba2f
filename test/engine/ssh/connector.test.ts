import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askNobody } from '#engine/ssh/asking.ts';
import { createResolver } from '#engine/ssh/config/resolve.ts';
import { createConnector } from '#engine/ssh/connector.ts';
import { createTrust } from '#engine/ssh/trust/trust.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { tcpServer } from '../../support/model-servers.ts';
import { output, rejection } from '../../support/ssh/pool-for.ts';
import {
  freePort,
  type HostOptions,
  type Sshd,
  sshdAvailable,
  startSshd,
  writeSshConfig,
} from '../../support/ssh/sshd.ts';

describe.skipIf(!sshdAvailable())('a connector', () => {
  let folder: Folder;
  let sshd: Sshd;
  beforeAll(async () => {
    folder = await temporaryFolder();
    sshd = await startSshd();
  });
  afterAll(async () => {
    await sshd?.stop();
    await folder?.remove();
  });

  const env = { PATH: process.env.PATH };
  const signal = new AbortController().signal;

  /** A connector, and the sshd as a host with these options on top. */
  async function towards(options: HostOptions = {}) {
    const entry = { alias: 'lab', options: { ...sshd.hostOptions(), ...options } };
    const sshConfigPath = await writeSshConfig(folder.path, [entry]);
    const resolver = createResolver({ sshConfigPath, limit: 1, home: folder.path, env });
    const host = await resolver.resolve('lab');
    const steps: string[] = [];
    const log: string[] = [];
    const connector = createConnector({
      limits: () => ({ handshakes: 4, handshakesPerServer: 2 }),
      connectMs: () => 10_000,
      trust: createTrust(),
      env,
      home: folder.path,
      log: (_level, text) => log.push(text),
    });
    const onStep = (step: string): void => void steps.push(step);
    const request = { host, jump: null, via: [], isJumpHost: false, asking: askNobody, signal, onStep };
    return { connector, host, request, steps, log };
  }

  /** A server of ssh before which `drop` has the first connections, so many of them. */
  async function behindDrops(count: number, drop: (socket: Socket) => void) {
    let met = 0;
    const port = await tcpServer((near) => {
      met += 1;
      // Clients speak first; what is closed with their words unread loses its own on the way.
      if (met <= count) return void near.once('data', () => drop(near));
      const far = connect({ port: sshd.port, host: '127.0.0.1' }).on('error', () => near.destroy());
      near.pipe(far).pipe(near);
    });
    const known = await folder.write('known_hosts', `[127.0.0.1]:${port} ${sshd.hostKeyPublic}\n`);
    return { met: () => met, ...(await towards({ Port: port, UserKnownHostsFile: known })) };
  }

  it('opens a connection, and says which step it is at', async () => {
    const { connector, request, steps } = await towards();
    const transport = await connector.open(request);
    expect(await output(transport, 'echo hello')).toBe('hello\n');
    transport.close();
    expect(steps).toEqual(['connect', 'handshake', 'authenticate']);
  });

  it('tries again where a busy server drops it before a word', async () => {
    const { connector, request, met, log } = await behindDrops(2, (socket) => socket.end());
    const transport = await connector.open(request);
    expect(await output(transport, 'echo hello')).toBe('hello\n');
    transport.close();
    expect(met()).toBe(3);
    expect(log.filter((line) => line.includes('dropped at connecting'))).toHaveLength(2);
  });

  it('takes the third drop in a row that may be a penalty for one', async () => {
    const refuse = (socket: Socket): void => void socket.end('Not allowed at this time\r\n');
    const { connector, request, met } = await behindDrops(10, refuse);
    expect(await rejection(connector.open(request))).toMatchObject({ code: 'throttled' });
    expect(met()).toBe(3);
  });

  it('opens nothing past a proxy that it cannot follow', async () => {
    const { connector, request } = await towards();
    const host = { ...request.host, proxy: { kind: 'unsupported', reason: 'why not' } as const };
    expect(await rejection(connector.open({ ...request, host }))).toMatchObject({
      code: 'proxy-unsupported',
      detail: 'why not',
    });
  });

  describe('knocks', () => {
    it('where sshd listens, and logs in nowhere', async () => {
      const { connector, host } = await towards();
      const logins = (): number => sshd.logText().split('Accepted publickey').length;
      const before = logins();
      expect(await connector.knock({ host, jump: null, signal })).toBe(true);
      expect(logins()).toBe(before);
    });

    it('in vain where something else answers, and where nothing listens', async () => {
      const greeting = await tcpServer((socket) => socket.end('220 mail.example ESMTP\r\n'));
      for (const Port of [greeting, await freePort()]) {
        const { connector, host } = await towards({ Port });
        expect(await connector.knock({ host, jump: null, signal })).toBe(false);
      }
    });

    it('at no proxy command, which may ask a person', async () => {
      const trace = join(folder.path, 'was-run');
      const { connector, host } = await towards({ ProxyCommand: `touch ${trace}` });
      expect(host.proxy.kind).toBe('command');
      expect(await connector.knock({ host, jump: null, signal })).toBe(false);
      expect(existsSync(trace)).toBe(false);
    });
  });
});
