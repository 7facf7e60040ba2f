import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { AppError } from '#common/failure.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { expectEnded, isRunning } from '../../../support/is-running.ts';
import { output, poolFor, rejection, startTestSshd } from '../../../support/ssh/pool-for.ts';
import {
  freePort,
  type HostOptions,
  type Sshd,
  sshdAvailable,
  startSshd,
  writeSshConfig,
} from '../../../support/ssh/sshd.ts';

type Hosts = Readonly<Record<string, HostOptions>>;

const count = (text: string, part: string): number => text.split(part).length - 1;

describe.skipIf(!sshdAvailable())('the way to a host', () => {
  let jump: Sshd;
  let second: Sshd;
  let target: Sshd;
  let folder: Folder;

  beforeAll(async () => {
    folder = await temporaryFolder();
    [jump, second, target] = await Promise.all([startSshd(), startSshd(), startSshd()]);
  });
  afterAll(async () => {
    await Promise.all([jump, second, target].map((sshd) => sshd?.stop()));
    await folder?.remove();
  });

  const configure = (hosts: Hosts): Promise<string> =>
    writeSshConfig(
      folder.path,
      Object.entries(hosts).map(([alias, options]) => ({ alias, options })),
    );

  const attempt = async (hosts: Hosts, alias = 'target'): Promise<string | AppError> => {
    const pool = poolFor(await configure(hosts));
    try {
      const { transport } = await pool.get(alias);
      return await output(transport, 'echo $SSH_CONNECTION');
    } catch (error) {
      return error as AppError;
    } finally {
      await pool.dispose();
    }
  };

  /** A program that passes stdin and stdout on to a host and port, and writes down its pid and arguments. */
  const relay = async (name: string): Promise<string> => {
    const program = join(folder.path, `${name}.mjs`);
    await writeFile(
      program,
      `import { connect } from 'node:net';
       import { writeFileSync } from 'node:fs';
       writeFileSync(process.argv[1] + '.pid', JSON.stringify([process.pid, ...process.argv.slice(2)]));
       const socket = connect(Number(process.argv[3]), process.argv[2]);
       process.stdin.pipe(socket).pipe(process.stdout);`,
    );
    return program;
  };

  const viaJump = (options: HostOptions = {}): Hosts => ({
    jump: jump.hostOptions(),
    target: { ...target.hostOptions(), ProxyJump: 'jump', ...options },
  });

  it('leads through a jump host', async () => {
    const before = jump.logText().length;
    expect(await attempt(viaJump())).toContain(` ${target.port}\n`);
    expect(jump.logText().slice(before)).toContain('Accepted publickey');
  });

  it('leads through a chain of jump hosts in order, with users and ports of the chain', async () => {
    const { Port: _port, User: user, ...withoutPort } = second.hostOptions();
    const before = [jump.logText().length, second.logText().length];
    const hosts = {
      jump: jump.hostOptions(),
      // The chain overrides this hop's own way, which leads nowhere.
      second: { ...withoutPort, User: 'nobody-at-all', ProxyJump: 'nowhere.invalid' },
      target: { ...target.hostOptions(), ProxyJump: `jump,ssh://${user}@second:${second.port}` },
    };
    expect(await attempt(hosts)).toContain(` ${target.port}\n`);
    expect(jump.logText().slice(before[0])).toContain('Accepted publickey');
    expect(second.logText().slice(before[1])).toContain('Accepted publickey');
  });

  it('follows the jump host of a jump host', async () => {
    const before = jump.logText().length;
    const hosts = {
      jump: jump.hostOptions(),
      second: { ...second.hostOptions(), ProxyJump: 'jump' },
      target: { ...target.hostOptions(), ProxyJump: 'second' },
    };
    expect(await attempt(hosts)).toContain(` ${target.port}\n`);
    expect(jump.logText().slice(before)).toContain('Accepted publickey');
  });

  it('shares the jump host between targets that come at the same time', async () => {
    const before = jump.logText().length;
    const pool = poolFor(
      await configure({
        ...viaJump(),
        other: { ...second.hostOptions(), ProxyJump: 'jump' },
      }),
    );
    const got = await Promise.all(['target', 'other', 'jump'].map((alias) => pool.get(alias)));
    expect(await Promise.all(got.map(({ transport }) => output(transport, 'echo in')))).toEqual(
      got.map(() => 'in\n'),
    );
    expect(count(jump.logText().slice(before), 'Accepted publickey')).toBe(1);
    await pool.dispose();
  });

  describe('with many targets behind one jump host', () => {
    /** As many targets on one port; a value of its own makes each a target of its own. */
    const poolWith = async (targets: readonly string[], port: number) => {
      const before = jump.logText().length;
      const options = (n: number) => ({ Port: port, ProxyJump: 'jump', ConnectTimeout: 60 + n });
      const blocks = targets.map((alias, n) => [alias, { ...target.hostOptions(), ...options(n) }] as const);
      const pool = poolFor(await configure({ jump: jump.hostOptions(), ...Object.fromEntries(blocks) }));
      onTestFinished(() => pool.dispose());
      return { pool, logins: () => count(jump.logText().slice(before), 'Accepted publickey') };
    };
    const names = (length: number) => Array.from({ length }, (_, n) => `target${n}`);

    it('has a second connection to it from the 65th on', async () => {
      const targets = names(66);
      const { pool, logins } = await poolWith(targets, target.port);
      const answers = await Promise.all(
        targets.map(async (alias) => output((await pool.get(alias)).transport, `echo ${alias}`)),
      );
      expect(answers).toEqual(targets.map((alias) => `${alias}\n`));
      expect(logins()).toBe(2);
    });

    it('gives the places of those back that are not reached', async () => {
      const targets = names(40);
      const { pool, logins } = await poolWith(targets, await freePort());
      for (let round = 0; round < 4; round += 1) {
        const errors = await Promise.all(targets.map((alias) => rejection(pool.get(alias))));
        expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['connection-refused']));
      }
      expect(logins()).toBe(1);
    });
  });

  it('is lost with its jump host, and comes back', async () => {
    const pool = poolFor(await configure(viaJump()));
    const { transport } = await pool.get('target');
    const lost = new Promise<AppError>((resolve) => transport.onClose(resolve));
    await jump.killSessions();
    expect((await lost).code).toBe('connection-lost');
    expect(await output((await pool.get('target')).transport, 'echo back')).toBe('back\n');
    await pool.dispose();
  });

  it('checks the key of the jump host in the same way, before anything else', async () => {
    const empty = join(folder.path, 'empty');
    await writeFile(empty, '');
    const before = target.logText().length;
    const hosts = { ...viaJump(), jump: { ...jump.hostOptions(), UserKnownHostsFile: empty } };
    const error = (await attempt(hosts)) as AppError;
    expect(error).toMatchObject({
      code: 'hostkey-unknown',
      command: expect.stringMatching(/^ssh -F \S+ jump$/),
    });
    expect(error.detail).toMatch(/^jump host jump: ssh-ed25519 SHA256:/);
    expect(target.logText().slice(before)).not.toContain('Connection from');
  });

  it('tells a target that refuses apart from a jump host that does', async () => {
    const port = await freePort();
    expect(await attempt(viaJump({ Port: port }))).toMatchObject({
      code: 'connection-refused',
      detail: 'from jump host jump: Connection refused',
    });
    const hosts = { ...viaJump(), jump: { ...jump.hostOptions(), Port: port } };
    expect(await attempt(hosts)).toMatchObject({
      code: 'proxy-failed',
      detail: expect.stringMatching(/^jump host jump: The host refused the connection/),
    });
  });

  it('says so when the jump host forwards nothing', async () => {
    const closed = await startTestSshd({ config: ['AllowTcpForwarding no'] });
    const hosts = { ...viaJump(), jump: closed.hostOptions() };
    expect(await attempt(hosts)).toMatchObject({
      code: 'proxy-failed',
      detail: expect.stringContaining('from jump host jump'),
    });
  });

  it('says so when the jump hosts go in a circle, from either side at once', async () => {
    const hosts = {
      a: { ...jump.hostOptions(), ProxyJump: 'b' },
      b: { ...second.hostOptions(), ProxyJump: 'a' },
    };
    const pool = poolFor(await configure(hosts));
    const errors = await Promise.all(['a', 'b'].map((alias) => rejection(pool.get(alias))));
    expect(errors.map(({ code, detail }) => [code, detail])).toEqual([
      ['proxy-failed', 'the jump hosts go in a circle: a via b via a'],
      ['proxy-failed', 'the jump hosts go in a circle: b via a via b'],
    ]);
    await pool.dispose();
  });

  it('can be a program, which gets the names and ends with the connection', async () => {
    const program = await relay('proxy');
    const { HostName: _name, ...options } = target.hostOptions();
    const hosts = {
      target: {
        ...options,
        HostName: '127.0.0.1',
        ProxyCommand: `${process.execPath} ${program} %h %p %r %n %%`,
      },
    };
    const pool = poolFor(await configure(hosts));
    const { transport } = await pool.get('target');
    expect(await output(transport, 'echo in')).toBe('in\n');
    const [pid, ...args] = JSON.parse(await readFile(`${program}.pid`, 'utf8')) as [number, ...string[]];
    expect(args).toEqual(['127.0.0.1', String(target.port), String(options.User), 'target', '%']);
    await pool.dispose();
    expect(await isRunning(pid)).toBe(false);
  });

  it('can be a program that is ended while data pours in', async () => {
    const program = await relay('pouring');
    const options = { ...target.hostOptions(), ProxyCommand: `${process.execPath} ${program} %h %p` };
    const pool = poolFor(await configure({ target: options }));
    const { transport } = await pool.get('target');
    const stream = await transport.exec('cat /dev/zero');
    stream.resume();
    await once(stream, 'data');
    await pool.dispose();
    const [pid] = JSON.parse(await readFile(`${program}.pid`, 'utf8')) as [number];
    expect(await isRunning(pid)).toBe(false);
  });

  it('tells the last word of a program that fails', async () => {
    const hosts = {
      target: {
        ...target.hostOptions(),
        ProxyCommand: "sh -c 'echo first >&2; echo no way to %h >&2; exit 7'",
      },
    };
    expect(await attempt(hosts)).toMatchObject({ code: 'proxy-failed', detail: 'no way to 127.0.0.1' });
    expect(await attempt({ target: { ...target.hostOptions(), ProxyCommand: 'false' } })).toMatchObject({
      code: 'proxy-failed',
      detail: 'it ended with 1',
    });
  });

  it('gives up on a program that says nothing, and ends all it has started', async () => {
    const pidFile = join(folder.path, 'hung.pid');
    const hosts = {
      target: {
        ...target.hostOptions(),
        ConnectTimeout: 1,
        ProxyCommand: `sh -c 'sleep 600 & echo $! > ${pidFile}; wait'`,
      },
    };
    expect(await attempt(hosts)).toMatchObject({ code: 'connection-timeout' });
    await expectEnded(Number(await readFile(pidFile, 'utf8')));
  });

  it('says what it cannot do', async () => {
    expect(await attempt({ target: { ...target.hostOptions(), ProxyCommand: 'nc %Z' } })).toMatchObject({
      code: 'proxy-unsupported',
    });
  });
});
