import { chmod, mkdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { AppError } from '#common/failure.ts';
import { emptySnapshot } from '#common/reduce.ts';
import { defaultSettings } from '#common/settings.ts';
import { createForwards } from '#engine/forward/forwards.ts';
import { createForwardMemory } from '#engine/forward/memory.ts';
import { createRefusals } from '#engine/forward/refusals.ts';
import { createRetries } from '#engine/scan/retries.ts';
import type { PoolDeps } from '#engine/ssh/pool.ts';
import { createStore } from '#engine/store.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { createLocalTransport } from '../../support/local-transport.ts';
import { aHost } from '../../support/samples.ts';
import { poolFor } from '../../support/ssh/pool-for.ts';
import { type Sshd, type SshdOptions, sshdAvailable, startSshd } from '../../support/ssh/sshd.ts';
import { serve } from './forwarding.ts';

const localPorts = { from: 17_440, to: 17_459 };

/** A web server that says its name, gone after the test. */
async function named(name: string, listen: (server: Server) => void): Promise<Server> {
  const server = createServer((_request, response) => response.end(name));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).once('listening', resolve);
    listen(server);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return server;
}

const bodyAt = async (port: number | null): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}/`)).text();

describe.skipIf(!sshdAvailable())('a forward beyond the ports of its host', () => {
  let folder: Folder;
  const sshds: Sshd[] = [];
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(async () => {
    for (const sshd of sshds) await sshd.stop();
    await folder?.remove();
  });

  const start = async (options: SshdOptions = {}): Promise<Sshd> => {
    const sshd = await startSshd(options);
    sshds.push(sshd);
    return sshd;
  };

  const app = async (
    sshd: Sshd,
    { data = null as string | null, ...deps }: Partial<PoolDeps> & { data?: string | null } = {},
  ) => {
    const own = await temporaryFolder();
    const pool = poolFor(await sshd.configPath(own.path), deps);
    const store = createStore(
      emptySnapshot({ kind: 'ssh-config', path: '' }, { ...defaultSettings, localPorts }),
    );
    const hosts = [{ ...aHost, id: 'lab', alias: 'lab' }];
    store.apply({ kind: 'hosts-listed', hosts, excludedAliases: [], problems: [] });
    const memory = createForwardMemory(data, (detail) => expect.fail(detail));
    const forwards = createForwards({
      pool,
      store,
      memory,
      retries: createRetries({ companions: () => [] }),
      log: () => undefined,
    });
    const close = async (): Promise<void> => {
      await forwards.dispose();
      await memory.settle();
      await pool.dispose();
      store.dispose();
      await own.remove();
    };
    onTestFinished(close);
    return { forwards, memory, store };
  };

  it('leads to another address and to a unix socket, each a forward of its own', async () => {
    const other = await named('on 127.0.0.2', (server) => server.listen(0, '127.0.0.2'));
    const { port } = other.address() as { port: number };
    const path = join(folder.path, 'model.sock');
    await named('on a socket', (server) => server.listen(path));
    const { forwards } = await app(await start());
    const toAddress = await forwards.open({ hostId: 'lab', remotePort: port, remoteHost: '127.0.0.2' });
    const toSocket = await forwards.open({ hostId: 'lab', remoteSocket: path });
    expect(toAddress).toMatchObject({
      id: `lab:127.0.0.2:${port}`,
      remotePort: port,
      remoteHost: '127.0.0.2',
    });
    expect(toSocket).toMatchObject({ id: `lab:${path}`, remotePort: null, remoteSocket: path });
    expect(await bodyAt(toAddress.localPort)).toBe('on 127.0.0.2');
    expect(await bodyAt(toSocket.localPort)).toBe('on a socket');
    // The same port of the host itself is another target.
    const own = await forwards.open({ hostId: 'lab', remotePort: port });
    expect(own).toMatchObject({ id: `lab:${port}`, lastError: { code: 'target-refused' } });
    expect(await forwards.open({ hostId: 'lab', remoteSocket: path })).toMatchObject({ id: toSocket.id });
  });

  it('has the same local port after a restart, and is there again', async () => {
    const data = await temporaryFolder();
    onTestFinished(data.remove);
    const path = join(folder.path, 'again.sock');
    await named('again', (server) => server.listen(path));
    const sshd = await start();
    const first = await app(sshd, { data: data.path });
    await first.forwards.restore('user');
    const { localPort } = await first.forwards.open({ hostId: 'lab', remoteSocket: path });
    await first.forwards.open({ hostId: 'lab', remotePort: 9, remoteHost: 'node7' }).catch(() => null);
    await first.forwards.dispose();
    await first.memory.settle();
    const second = await app(sshd, { data: data.path });
    await second.forwards.restore('user');
    await vi.waitFor(() => expect(second.store.current().forwards).toHaveLength(2), 20_000);
    expect(second.store.current().forwards).toMatchObject([
      { id: `lab:${path}`, localPort },
      { id: 'lab:node7:9' },
    ]);
    expect(await bodyAt(localPort)).toBe('again');
  });

  it('says why it leads nowhere: nothing listens, no such machine, no such socket, no socket', async () => {
    const path = join(folder.path, 'none.sock');
    await mkdir(path);
    const { forwards } = await app(await start());
    const errorOf = async (fields: Parameters<typeof forwards.open>[0]) => {
      const { lastError } = await forwards.open(fields);
      return lastError && { code: lastError.code, detail: lastError.detail };
    };
    expect(await errorOf({ hostId: 'lab', remotePort: 9, remoteHost: '127.0.0.2' })).toEqual({
      code: 'target-refused',
      detail: 'Connection refused',
    });
    expect(
      await errorOf({ hostId: 'lab', remotePort: 9, remoteHost: 'no-such-machine.invalid' }),
    ).toMatchObject({
      code: 'target-refused',
      detail: expect.stringMatching(/not known|resolution/i),
    });
    expect(await errorOf({ hostId: 'lab', remoteSocket: `${path}/missing` })).toEqual({
      code: 'socket-missing',
      detail: '',
    });
    expect(await errorOf({ hostId: 'lab', remoteSocket: path })).toEqual({
      code: 'socket-missing',
      detail: 'the path is no socket',
    });
    await expect(forwards.open({ hostId: 'lab', remoteSocket: 'relative.sock' })).rejects.toMatchObject({
      code: 'bad-request',
    });
  });

  it('says that the host prohibits it: PermitOpen, AllowStreamLocalForwarding', async () => {
    const allowed = await serve((socket) => socket.end('yes'));
    const path = join(folder.path, 'forbidden.sock');
    await named('forbidden', (server) => server.listen(path));
    const config = [`PermitOpen 127.0.0.2:${allowed}`, 'AllowStreamLocalForwarding no'];
    const { forwards } = await app(await start({ config }));
    const prohibited = (detail: string) => ({ code: 'forwarding-prohibited', detail });
    await expect(
      forwards.open({ hostId: 'lab', remotePort: 9, remoteHost: '127.0.0.3' }),
    ).rejects.toMatchObject(prohibited('the host lets no forward through to 127.0.0.3:9'));
    await expect(forwards.open({ hostId: 'lab', remoteSocket: path })).rejects.toMatchObject(
      prohibited('the host lets no forward through to sockets (AllowStreamLocalForwarding)'),
    );
    // What is permitted is tried.
    const open = await forwards.open({ hostId: 'lab', remotePort: allowed, remoteHost: '127.0.0.2' });
    expect(open.lastError?.code).toBe('target-refused');
  });

  it("goes over the system's ssh to another address; a socket wants OpenSSH 9.4 there", async () => {
    const other = await named('over ssh', (server) => server.listen(0, '127.0.0.2'));
    const { port } = other.address() as { port: number };
    const path = join(folder.path, 'system.sock');
    await named('over ssh', (server) => server.listen(path));
    const { forwards } = await app(await start(), { transportSetting: () => 'system' });
    const open = await forwards.open({ hostId: 'lab', remotePort: port, remoteHost: '127.0.0.2' });
    expect(await bodyAt(open.localPort)).toBe('over ssh');
    const socket = await forwards
      .open({ hostId: 'lab', remoteSocket: path })
      .catch((error: unknown) => error);
    if (socket instanceof AppError) expect(socket).toMatchObject({ code: 'socket-unsupported' });
    else expect(await bodyAt((socket as typeof open).localPort)).toBe('over ssh');
  });
});

describe.skipIf(process.platform !== 'linux')('why a socket is refused', () => {
  /** What another user than root is told by this computer. */
  const explained = async (path: string): Promise<unknown> => {
    const isRoot = process.getuid?.() === 0;
    const loginShell = isRoot
      ? (['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '/bin/sh'] as const)
      : (['/bin/sh'] as const);
    const transport = createLocalTransport({ loginShell });
    onTestFinished(() => transport.end());
    const refused = new AppError('target-refused', { step: 'forward', detail: 'open failed' });
    const target = { remotePort: null, remoteHost: null, remoteSocket: path };
    return createRefusals(target).explain(refused, transport);
  };

  it('is the missing right to it or its folder, a file without a program, or the host', async () => {
    const folder = await temporaryFolder();
    await chmod(folder.path, 0o755);
    onTestFinished(folder.remove);
    const path = join(folder.path, "it's a $(socket).sock");
    const server = await named('', (one) => one.listen(path));
    await chmod(path, 0o777);
    expect(await explained(path)).toMatchObject({ code: 'forwarding-prohibited' });
    await chmod(path, 0o500);
    if (process.getuid?.() === 0)
      expect(await explained(path)).toMatchObject({ code: 'socket-denied', detail: '' });
    const hidden = join(folder.path, 'hidden');
    await mkdir(hidden, { mode: 0o600 });
    expect(await explained(join(hidden, 'a.sock'))).toMatchObject({
      code: 'socket-denied',
      detail: 'its folder may not be entered',
    });
    expect(await explained(join(folder.path, 'nowhere', 'a.sock'))).toMatchObject({ code: 'socket-missing' });
    server.close();
  });

  it('stays as the host said it where its shell gives no answer', async () => {
    const transport = createLocalTransport({ loginShell: ['/bin/false'] });
    onTestFinished(() => transport.end());
    const refused = new AppError('target-refused', { step: 'forward', detail: 'open failed' });
    const target = { remotePort: null, remoteHost: null, remoteSocket: '/run/a.sock' };
    expect(await createRefusals(target).explain(refused, transport)).toBe(refused);
  });
});
