import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AppError, ConnectStep } from '#common/failure.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { output, poolFor, rejection, startTestSshd } from '../../support/ssh/pool-for.ts';
import {
  generateKey,
  hasPenalties,
  type Sshd,
  sshdAvailable,
  startSshd,
  writeSshConfig,
} from '../../support/ssh/sshd.ts';
import { type FakeServer, startFakeServer } from './fake-server.ts';

const count = (text: string, part: string): number => text.split(part).length - 1;

describe.skipIf(!sshdAvailable())('a pool on a real sshd', () => {
  let sshd: Sshd;
  let folder: Folder;

  beforeAll(async () => {
    folder = await temporaryFolder();
    sshd = await startSshd();
  });
  afterAll(async () => {
    await sshd?.stop();
    await folder?.remove();
  });

  const logins = (): number => count(sshd.logText(), 'Accepted publickey');

  it('has one connection for aliases with the same values and for everybody who asks', async () => {
    const before = logins();
    const options = sshd.hostOptions();
    const aliases = ['one', 'two'].map((alias) => ({ alias, options }));
    const pool = poolFor(await writeSshConfig(folder.path, aliases));
    expect(pool.peek('one')).toBeNull();
    const got = await Promise.all(['one', 'two', 'one'].map((alias) => pool.get(alias)));
    expect(new Set(got.map(({ transport }) => transport)).size).toBe(1);
    expect(got.map(({ resolved }) => resolved.alias)).toEqual(['one', 'two', 'one']);
    expect(pool.peek('two')?.transport).toBe(got[0]?.transport);
    // sshd writes its log when it comes to it.
    await vi.waitFor(() => expect(logins() - before).toBe(1));
    await pool.dispose();
    expect(pool.peek('one')).toBeNull();
  });

  it('has another connection for an alias with another rule for host keys', async () => {
    const options = sshd.hostOptions();
    const pool = poolFor(
      await writeSshConfig(folder.path, [
        {
          alias: 'lax',
          options: { ...options, UserKnownHostsFile: '/dev/null', StrictHostKeyChecking: 'no' },
        },
        { alias: 'strict', options: { ...options, UserKnownHostsFile: '/dev/null' } },
      ]),
    );
    await pool.get('lax');
    expect((await rejection(pool.get('strict'))).code).toBe('hostkey-unknown');
    await pool.dispose();
  });

  it('tells the steps, also to one who comes later', async () => {
    const pool = poolFor(await sshd.configPath(folder.path));
    const steps: ConnectStep[] = [];
    const late: ConnectStep[] = [];
    let second: Promise<unknown> | undefined;
    await pool.get('lab', {
      onStep: (step) => {
        steps.push(step);
        if (step === 'handshake') second = pool.get('lab', { onStep: (its) => late.push(its) });
      },
    });
    await second;
    expect(steps).toEqual(['resolve', 'connect', 'connect', 'handshake', 'authenticate']);
    expect(late.at(-1)).toBe('authenticate');
    await pool.dispose();
  });

  it('leaves the others alone when one caller aborts', async () => {
    const pool = poolFor(await sshd.configPath(folder.path));
    const controller = new AbortController();
    const aborted = pool.get('lab', {
      signal: controller.signal,
      onStep: (step) => step === 'handshake' && controller.abort(),
    });
    const other = pool.get('lab');
    expect((await rejection(aborted)).code).toBe('cancelled');
    expect(await output((await other).transport, 'echo in')).toBe('in\n');
    await pool.dispose();
  });

  it('gets nothing more after dispose', async () => {
    const pool = poolFor(await sshd.configPath(folder.path));
    const pending = rejection(pool.get('lab'));
    await pool.dispose();
    await pool.dispose();
    expect((await pending).code).toBe('cancelled');
    expect((await rejection(pool.get('lab'))).code).toBe('cancelled');
  });

  it('loses none of 50 hosts behind one sshd with its default MaxStartups', async () => {
    const options = sshd.hostOptions();
    // A HostKeyAlias of its own makes each a target of its own on the same server.
    const hosts = Array.from({ length: 50 }, (_, index) => ({
      alias: `host${index}`,
      options: { ...options, HostKeyAlias: `[127.0.0.1]:${sshd.port}`, ConnectTimeout: 60 + index },
    }));
    const before = logins();
    const pool = poolFor(await writeSshConfig(folder.path, hosts));
    const answers = await Promise.all(
      hosts.map(async ({ alias }) => output((await pool.get(alias)).transport, `echo ${alias}`)),
    );
    expect(answers).toEqual(hosts.map(({ alias }) => `${alias}\n`));
    // sshd writes its log when it comes to it.
    await vi.waitFor(() => expect(logins() - before).toBe(50));
    expect(sshd.logText()).not.toContain('MaxStartups');
    await pool.dispose();
  });

  it('tries again where sshd drops connections, until all are in', async () => {
    const narrow = await startTestSshd({ config: ['MaxStartups 2:100:2'] });
    const hosts = Array.from({ length: 12 }, (_, index) => ({
      alias: `host${index}`,
      options: { ...narrow.hostOptions(), ConnectTimeout: 60 + index },
    }));
    const pool = poolFor(await writeSshConfig(folder.path, hosts));
    const answers = await Promise.all(
      hosts.map(async ({ alias }) => output((await pool.get(alias)).transport, `echo ${alias}`)),
    );
    expect(answers).toEqual(hosts.map(({ alias }) => `${alias}\n`));
    expect(narrow.logText()).toMatch(/drop connection|MaxStartups/);
    await pool.dispose();
  });

  it.skipIf(!hasPenalties())('waits out a penalty that a real sshd has given', async () => {
    const strict = await startTestSshd({ config: ['PerSourcePenalties authfail:600 min:1'] });
    const stranger = await generateKey(join(folder.path, 'stranger'));
    const options = strict.hostOptions();
    const pool = poolFor(
      await writeSshConfig(folder.path, [
        { alias: 'stranger', options: { ...options, IdentityFile: stranger } },
        { alias: 'me', options },
      ]),
    );
    expect((await rejection(pool.get('stranger'))).code).toBe('auth-failed');
    await vi.waitFor(() => expect(strict.logText()).toContain('penalty'));
    expect(await rejection(pool.get('me'))).toMatchObject({
      code: 'throttled',
      detail: 'Not allowed at this time',
    });
    await pool.dispose();
  });

  it('says so when the host opens no further session', async () => {
    const single = await startTestSshd({ config: ['MaxSessions 1'] });
    const pool = poolFor(await single.configPath(folder.path));
    const { transport } = await pool.get('lab');
    const first = await transport.exec('exec cat');
    expect(await rejection(transport.exec('true'))).toMatchObject({ code: 'sessions-exhausted' });
    // A stream is no session.
    const stream = await transport.stream('127.0.0.1', single.port);
    stream.destroy();
    first.destroy();
    // sshd frees the session a moment after the channel has closed.
    const again = async (): Promise<string> =>
      output(transport, 'echo free again').catch((error: AppError) => {
        expect(error.code).toBe('sessions-exhausted');
        return again();
      });
    expect(await again()).toBe('free again\n');
    await pool.dispose();
  });

  it('says so when the host forwards nothing, and still runs commands', async () => {
    const closed = await startTestSshd({ config: ['AllowTcpForwarding no'] });
    const pool = poolFor(await closed.configPath(folder.path));
    const { transport } = await pool.get('lab');
    expect(await rejection(transport.stream('127.0.0.1', closed.port))).toMatchObject({
      code: 'forwarding-prohibited',
    });
    expect(await output(transport, 'echo in')).toBe('in\n');
    await pool.dispose();
  });

  it('says so when the host speaks no algorithm that we do, and leaves it to the system', async () => {
    const exotic = await startTestSshd({ config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] });
    const config = await exotic.configPath(folder.path);
    const pool = poolFor(config, { transportSetting: () => 'built-in' });
    expect(await rejection(pool.get('lab'))).toMatchObject({
      code: 'algorithm-mismatch',
      detail: expect.stringContaining('no matching key exchange algorithm'),
    });
    await pool.dispose();
    const patient = poolFor(config);
    const { transport } = await patient.get('lab');
    expect(await output(transport, 'echo in')).toBe('in\n');
    expect(transport.client).toBe('system');
    await patient.dispose();
  });
});

describe('a pool on what is no sshd', () => {
  let folder: Folder;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder?.remove());

  const withServer = async (
    serve: Parameters<typeof startFakeServer>[0],
    test: (pool: ReturnType<typeof poolFor>, server: FakeServer) => Promise<void>,
  ): Promise<void> => {
    const server = await startFakeServer(serve);
    const options = { HostName: '127.0.0.1', Port: server.port, ConnectTimeout: 1, IdentityAgent: 'none' };
    const pool = poolFor(await writeSshConfig(folder.path, [{ alias: 'fake', options }]));
    await test(pool, server);
    await pool.dispose();
    await server.quiet();
    await server.close();
  };

  const failure = async (serve: Parameters<typeof startFakeServer>[0]): Promise<AppError> => {
    let error: AppError | null = null;
    await withServer(serve, async (pool) => {
      error = await rejection(pool.get('fake'));
    });
    if (error === null) throw new Error('no error');
    return error;
  };

  it('says so when nothing listens', async () => {
    const gone = await startFakeServer(() => undefined);
    await gone.close();
    const options = { HostName: '127.0.0.1', Port: gone.port };
    const pool = poolFor(await writeSshConfig(folder.path, [{ alias: 'gone', options }]));
    expect(await rejection(pool.get('gone'))).toMatchObject({
      code: 'connection-refused',
      step: 'connect',
      detail: `connect ECONNREFUSED 127.0.0.1:${gone.port}`,
    });
    await pool.dispose();
  });

  it('says so when a server accepts and is silent', async () => {
    expect(await failure(() => undefined)).toMatchObject({
      code: 'connection-timeout',
      detail: 'it accepts connections but says nothing within 1 s',
    });
  });

  it('says so when a web server answers', async () => {
    const page = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html>\u001b[2J';
    expect(await failure((socket) => socket.end(page))).toMatchObject({
      code: 'not-ssh',
      detail: 'it answers "HTTP/1.1 400 Bad Request Connection: close <html>"',
    });
    expect(await failure((socket) => socket.write(page))).toMatchObject({ code: 'not-ssh' });
  });

  it('survives ten megabytes of garbage', async () => {
    expect(await failure((socket) => socket.end(Buffer.alloc(10_000_000, 'x')))).toMatchObject({
      code: 'not-ssh',
    });
    expect(await failure((socket) => socket.end(Buffer.alloc(10_000_000, 'x\n')))).toMatchObject({
      code: 'not-ssh',
    });
  });

  it('says so when a server speaks SSH and then nonsense', async () => {
    const error = await failure((socket) => socket.end(`SSH-2.0-fake\r\n${'\u0000'.repeat(5000)}`));
    expect(error).toMatchObject({ code: 'connection-lost', step: 'handshake' });
  });

  it('tries again on Exceeded MaxStartups, and says so in the end', async () => {
    let accepted = 0;
    const error = await failure((socket, number) => {
      accepted = number;
      socket.end('Exceeded MaxStartups\r\n');
    });
    expect(error).toMatchObject({ code: 'throttled', detail: 'Exceeded MaxStartups' });
    expect(accepted).toBe(5);
  });

  it('gives up soon on a penalty, for all who want the same server', async () => {
    await withServer(
      // sshd's words for both since 9.8; it takes none of us, so it is not merely busy.
      (socket) => socket.end('Not allowed at this time\r\n'),
      async (pool, server) => {
        const failed = async () =>
          expect(await rejection(pool.get('fake'))).toMatchObject({
            code: 'throttled',
            detail: 'Not allowed at this time',
          });
        await failed();
        expect(server.accepted()).toBe(3);
        await failed();
        expect(server.accepted()).toBe(4);
      },
    );
  });

  it('takes a connection closed or reset at once for a drop', async () => {
    expect(await failure((socket) => socket.end())).toMatchObject({ code: 'throttled' });
    expect(await failure((socket) => socket.resetAndDestroy())).toMatchObject({ code: 'throttled' });
  });

  it('closes the connection when everybody has aborted', async () => {
    await withServer(
      () => undefined,
      async (pool, server) => {
        const controller = new AbortController();
        const onStep = (step: ConnectStep): void => {
          if (step === 'handshake') controller.abort();
        };
        const both = ['fake', 'fake'].map((alias) =>
          rejection(pool.get(alias, { signal: controller.signal, onStep })),
        );
        expect((await Promise.all(both)).map(({ code }) => code)).toEqual(['cancelled', 'cancelled']);
        await server.quiet();
      },
    );
  });

  it('has at most six unauthenticated connections on one server', async () => {
    let firstWave = 0;
    // Answers nobody before six wait, so that a seventh would be seen if it came.
    const server = await startFakeServer((_, accepted) => {
      if (accepted < 6) return;
      setImmediate(() =>
        setImmediate(() => {
          firstWave ||= server.open.size;
          for (const socket of server.open) socket.end('HTTP/1.1 400\r\n\r\n');
        }),
      );
    });
    const hosts = Array.from({ length: 40 }, (_, index) => ({
      alias: `fake${index}`,
      options: {
        HostName: '127.0.0.1',
        Port: server.port,
        ConnectTimeout: 60 + index,
        IdentityAgent: 'none',
      },
    }));
    const pool = poolFor(await writeSshConfig(folder.path, hosts));
    const errors = await Promise.all(hosts.map(({ alias }) => rejection(pool.get(alias))));
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['not-ssh']));
    expect(firstWave).toBe(6);
    await pool.dispose();
    await server.close();
  });
});
