import { execFileSync, spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '#common/errors.ts';
import { shellWord } from '#common/text.ts';
import { JoinedStream } from '#engine/ssh/joined-stream.ts';
import { readKeyFile } from '#engine/ssh/key-file.ts';
import { createLifetime, request } from '#engine/ssh/lifetime.ts';
import { parseProxyJump } from '#engine/ssh/resolved.ts';
import { share } from '#engine/ssh/share.ts';
import { createSlots } from '#engine/ssh/slots.ts';
import { type Folder, temporaryFolder } from './folder.ts';

describe('ProxyJump', () => {
  it.each([
    ['none', null],
    ['', null],
    ['a', [{ host: 'a', user: null, port: null }]],
    ['u@d@a:22', [{ host: 'a', user: 'u@d', port: 22 }]],
    ['ssh://u@[fe80::1%eth0]:22/', [{ host: 'fe80::1%eth0', user: 'u', port: 22 }]],
  ])('%j', (value, hops) => {
    expect(parseProxyJump(value)).toEqual(hops);
  });

  it.each(['a,', 'fe80::1', 'a:b', '-oProxyCommand=x', 'u@'])('%j cannot be read', (value) => {
    expect(() => parseProxyJump(value)).toThrow('unreadable jump host');
  });
});

describe('a quoted argument', () => {
  it.each(['plain', 'with blank', "it's", '$HOME `id` "x"', '[a]:22', ''])(
    '%j is itself in a shell',
    (argument) => {
      const { stdout } = spawnSync('/bin/sh', ['-c', `printf %s ${shellWord(argument)}`], {
        encoding: 'utf8',
      });
      expect(stdout).toBe(argument);
    },
  );
});

describe('shared work', () => {
  const pending = () => {
    const events: string[] = [];
    const shared = share<string>(
      (signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => {
            events.push('aborted');
            reject(new Error('raw'));
          });
          events.push('started');
          setImmediate(() => resolve('done'));
        }),
      () => events.push('abandoned'),
    );
    return { shared, events };
  };

  it('runs once and gives everybody the result', async () => {
    const { shared, events } = pending();
    expect(await Promise.all([shared.join(), shared.join()])).toEqual(['done', 'done']);
    expect(await shared.join()).toBe('done');
    expect(events).toEqual(['started']);
  });

  it('goes on when one of two has left', async () => {
    const { shared } = pending();
    const controller = new AbortController();
    const leaving = shared.join(controller.signal);
    const staying = shared.join();
    controller.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'cancelled' });
    expect(await staying).toBe('done');
  });

  it('is aborted when the last has left, also for one who comes then', async () => {
    const { shared, events } = pending();
    await expect(shared.join(AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    expect(events).toEqual(['started', 'abandoned', 'aborted']);
    await expect(shared.join()).rejects.toMatchObject({ code: 'cancelled' });
    await shared.ended;
  });
});

describe('slots', () => {
  it('hold per server and over all, and a full server holds up no other', async () => {
    const slots = createSlots(() => ({ handshakes: 4, handshakesPerServer: 2 }));
    const running: string[] = [];
    const releases: (() => void)[] = [];
    const task = (server: string) =>
      slots.run(server, async () => {
        running.push(server);
        await new Promise<void>((resolve) => releases.push(resolve));
      });
    const tasks = ['a', 'a', 'a', 'b', 'b', 'b', 'c'].map(task);
    await new Promise((resolve) => setImmediate(resolve));
    expect(running).toEqual(['a', 'a', 'b', 'b']);
    while (releases.length > 0 || running.length < 7) {
      releases.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(tasks);
    expect(running.toSorted().join('')).toBe('aaabbbc');
  });

  it('are halved by a drop, and come back one by one', async () => {
    const slots = createSlots(() => ({ handshakes: 16, handshakesPerServer: 6 }));
    const most = async (): Promise<number> => {
      let now = 0;
      let top = 0;
      const failing = Array.from({ length: 10 }, () =>
        slots
          .run('a', async () => {
            now += 1;
            top = Math.max(top, now);
            await new Promise((resolve) => setImmediate(resolve));
            now -= 1;
            throw new Error('no success');
          })
          .catch(() => undefined),
      );
      await Promise.all(failing);
      return top;
    };
    expect(await most()).toBe(6);
    slots.narrow('a');
    expect(await most()).toBe(3);
    for (const _ of [1, 2, 3, 4]) slots.narrow('a');
    expect(await most()).toBe(1);
    await slots.run('a', async () => undefined);
    expect(await most()).toBe(2);
  });
});

describe('a request on a connection', () => {
  const timedOut = () => new AppError('server-timeout');

  it('ends with the first of answer, timeout, abort and end', async () => {
    const lifetime = createLifetime();
    const base = { lifetime, onTimeout: timedOut };
    expect(await request<string>({ ...base, start: (answer) => answer(null, 'yes') })).toBe('yes');
    const never = { ...base, start: () => undefined };
    await expect(request({ ...never, timeoutMs: 1 })).rejects.toMatchObject({ code: 'server-timeout' });
    await expect(request({ ...never, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
    const open = request(never);
    lifetime.end(new AppError('connection-lost'));
    await expect(open).rejects.toMatchObject({ code: 'connection-lost' });
    await expect(request(never)).rejects.toMatchObject({ code: 'connection-lost' });
  });

  it('throws away an answer that comes too late', async () => {
    const late: string[] = [];
    let answer: ((error: Error | null, value?: string) => void) | undefined;
    const given = request<string>({
      lifetime: createLifetime(),
      timeoutMs: 1,
      onTimeout: timedOut,
      start: (reply) => {
        answer = reply;
      },
      discard: (value) => late.push(value),
    });
    await expect(given).rejects.toMatchObject({ code: 'server-timeout' });
    answer?.(null, 'late');
    expect(late).toEqual(['late']);
  });
});

describe('a joined stream', () => {
  const joined = (whyEnded?: () => Promise<Error | null>) => {
    const [readable, writable] = [new PassThrough(), new PassThrough()];
    let released = 0;
    const release = () => {
      released += 1;
      readable.destroy();
      writable.destroy();
    };
    const stream = new JoinedStream({ readable, writable, release, ...(whyEnded && { whyEnded }) });
    return { stream, readable, writable, released: () => released };
  };

  it('passes both directions and each end by itself', async () => {
    const { stream, readable, writable } = joined();
    stream.end('out');
    expect(await text(writable)).toBe('out');
    readable.end('in');
    expect(await text(stream)).toBe('in');
  });

  it('holds the source back while nobody reads', async () => {
    const { stream, readable } = joined();
    const chunks = 100;
    for (let count = 0; count < chunks; count += 1) readable.write(Buffer.alloc(10_000));
    readable.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(stream.readableLength).toBeLessThan(300_000);
    expect((await text(stream)).length).toBe(chunks * 10_000);
  });

  it('is closed for good by destroy, once', async () => {
    const { stream, released } = joined();
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.destroy(new Error('nobody listens for this'));
    stream.destroy();
    await closed;
    expect([stream.destroyed, released()]).toEqual([true, 1]);
  });

  it('fails at the end with the reason behind it', async () => {
    const { stream, readable } = joined(async () => new Error('because'));
    readable.end();
    await expect(text(stream)).rejects.toThrow('because');
  });
});

const haveKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined;

describe.skipIf(!haveKeygen)('a key file', () => {
  let folder: Folder;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder.remove());

  const generate = (name: string, ...args: string[]): string => {
    const path = `${folder.path}/${name}`;
    execFileSync('ssh-keygen', ['-q', '-f', path, ...args]);
    return path;
  };

  it('is read with both halves', async () => {
    const path = generate('plain', '-t', 'ed25519', '-N', '');
    const file = await readKeyFile(path);
    const publicFile = await readKeyFile(`${path}.pub`);
    expect([file.kind, publicFile.kind]).toEqual(['private', 'public']);
    if (file.kind !== 'private' || publicFile.kind !== 'public') throw new Error('wrong kind');
    expect(file.publicKey.equals(publicFile.publicKey)).toBe(true);
  });

  it('with a passphrase shows its public half even without a .pub file', async () => {
    const path = generate('encrypted', '-t', 'ed25519', '-N', 'secret');
    const publicFile = await readKeyFile(`${path}.pub`);
    await rm(`${path}.pub`);
    const file = await readKeyFile(path);
    expect(file).toMatchObject({ kind: 'locked' });
    expect(file).toMatchObject({ publicKey: publicFile.kind === 'public' ? publicFile.publicKey : null });
  });

  it('in the old format with a passphrase is helped by its .pub file', async () => {
    const path = generate('pem', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', 'secret');
    const file = await readKeyFile(path);
    expect(file).toMatchObject({ kind: 'locked' });
    expect(file.kind === 'locked' && file.publicKey?.length).toBeGreaterThan(100);
  });

  it('that is missing, a folder or rubbish says so', async () => {
    expect(await readKeyFile(`${folder.path}/none`)).toEqual({ kind: 'missing' });
    expect(await readKeyFile(folder.path)).toMatchObject({ kind: 'unusable', why: 'is not a key file' });
    for (const rubbish of [
      '',
      'hello',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n',
      '-----BEGIN OPENSSH PRIVATE KEY-----\n!!!\n',
      '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n',
    ]) {
      const path = await folder.write('rubbish', rubbish);
      expect(await readKeyFile(path)).toMatchObject({ kind: 'unusable', publicKey: null });
    }
  });
});
