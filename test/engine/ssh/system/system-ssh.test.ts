import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Pool, PoolDeps } from '#engine/ssh/pool.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { output, poolFor, rejection, startTestSshd } from '../../../support/ssh/pool-for.ts';
import {
  freePort,
  generateKey,
  type HostOptions,
  publicKey,
  type Sshd,
  sshdAvailable,
  startSshd,
  writeSshConfig,
} from '../../../support/ssh/sshd.ts';

const run = promisify(execFile);

/** Private folders of control sockets that are there now. */
async function socketFolders(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('vt-ssh-')).sort();
}

describe.skipIf(!sshdAvailable())("by the system's ssh", () => {
  let folder: Folder;
  let sshd: Sshd;

  beforeAll(async () => {
    folder = await temporaryFolder();
    // What others do beside it is not ours.
    vi.stubEnv('TMPDIR', folder.path);
    sshd = await startSshd();
  });
  afterAll(async () => {
    await sshd?.stop();
    vi.unstubAllEnvs();
    await folder?.remove();
  });

  const poolWith = async (options: HostOptions, overrides: Partial<PoolDeps> = {}): Promise<Pool> => {
    const dir = await temporaryFolder();
    const path = await writeSshConfig(dir.path, [{ alias: 'lab', options }]);
    const pool = poolFor(path, { home: folder.path, transportSetting: () => 'system', ...overrides });
    onTestFinished(async () => {
      await pool.dispose();
      await dir.remove();
    });
    return pool;
  };
  const connect = async (options: HostOptions = sshd.hostOptions()) =>
    (await (await poolWith(options)).get('lab')).transport;

  it('runs commands, carries streams with half-close, answers pings, and leaves nothing behind', async () => {
    const before = await socketFolders();
    const transport = await connect();
    expect(await output(transport, 'echo $((40 + 2))')).toBe('42\n');
    const stream = await transport.exec('cat; echo end');
    const sent = Buffer.alloc(20_000_000, 'abcdefghijklmnopqrstuvwxyz0123456789');
    stream.end(sent);
    expect((await buffer(stream)).equals(Buffer.concat([sent, Buffer.from('end\n')]))).toBe(true);
    await transport.ping(5000);
    expect(transport.bytesReceived()).toBeGreaterThan(20_000_000);
    const banner = await transport.stream('127.0.0.1', sshd.port);
    banner.write('not ssh\n');
    expect(await text(banner)).toMatch(/^SSH-2.0-OpenSSH/);
    const closed = new Promise((resolve) => transport.onClose(resolve));
    transport.close();
    await closed;
    await vi.waitFor(async () => expect(await socketFolders()).toEqual(before));
  });

  it('removes the folders that a killed app has left, and no others', async () => {
    const { pid: ended } = spawnSync('true');
    const twoHoursAgo = Date.now() / 1000 - 7200;
    const leave = async (pid: number, isOld: boolean): Promise<string> => {
      const left = await mkdtemp(join(tmpdir(), `vt-ssh-${pid}-`));
      await writeFile(join(left, 'config'), '');
      if (isOld) await utimes(left, twoHoursAgo, twoHoursAgo);
      onTestFinished(() => rm(left, { recursive: true, force: true }));
      return basename(left);
    };
    const left = await leave(ended, true);
    const kept = [await leave(process.pid, true), await leave(ended, false)];
    await connect();
    const names = await socketFolders();
    expect(names).not.toContain(left);
    expect(names).toEqual(expect.arrayContaining(kept));
  });

  it('loses nothing of commands that end as soon as they begin', async () => {
    const transport = await connect();
    const eight = Array.from({ length: 8 }, () => 'echo quick');
    for (let round = 0; round < 12; round += 1) {
      const outputs = await Promise.all(eight.map((command) => output(transport, command)));
      expect(outputs).toEqual(eight.map(() => 'quick\n'));
    }
  });

  it('tells why a stream is refused', async () => {
    const transport = await connect();
    const port = await freePort();
    expect(await rejection(transport.stream('127.0.0.1', port))).toMatchObject({ code: 'target-refused' });
    const strict = await startTestSshd({ config: ['AllowTcpForwarding no'] });
    const other = await connect(strict.hostOptions());
    expect(await rejection(other.stream('127.0.0.1', port))).toMatchObject({ code: 'forwarding-prohibited' });
    expect(await output(other, 'echo still')).toBe('still\n');
  });

  it('ends with the connection', async () => {
    const own = await startTestSshd({});
    const transport = await connect(own.hostOptions());
    const stream = await transport.exec('cat');
    const ended = new Promise((resolve) => transport.onClose(resolve));
    await own.killSessions();
    expect(await ended).toMatchObject({ code: 'connection-lost' });
    await new Promise((resolve) => (stream.closed ? resolve(null) : stream.once('close', resolve)));
    expect(await rejection(transport.exec('true'))).toMatchObject({ code: 'connection-lost' });
  });

  it('tells why it does not connect', async () => {
    const stranger = await generateKey(join(folder.path, 'stranger'));
    const unknown = join(folder.path, 'unknown_hosts');
    const changed = join(folder.path, 'changed_hosts');
    await writeFile(changed, `[127.0.0.1]:${sshd.port} ${await publicKey(stranger)}\n`);
    const host = sshd.hostOptions();
    const failing = async (options: HostOptions) =>
      rejection((await poolWith({ ...host, ...options })).get('lab'));
    expect(await failing({ IdentityFile: stranger })).toMatchObject({ code: 'auth-failed' });
    expect(await failing({ UserKnownHostsFile: unknown })).toMatchObject({ code: 'hostkey-unknown' });
    expect(await failing({ UserKnownHostsFile: changed })).toMatchObject({
      code: 'hostkey-changed',
      detail: expect.stringContaining('SHA256:'),
      command: `ssh-keygen -R '[127.0.0.1]:${sshd.port}' -f ${changed}`,
    });
    expect(await failing({ Port: await freePort() })).toMatchObject({ code: 'connection-refused' });
  });

  it.each(['built-in', 'system'] as const)(
    'is not diverted by what the configuration wants for a terminal: %s client',
    async (client) => {
      const touched = join(folder.path, `touched-by-${client}`);
      const pool = await poolWith(
        {
          ...sshd.hostOptions(),
          RemoteCommand: 'exec tmux',
          RequestTTY: 'force',
          PermitLocalCommand: 'yes',
          LocalCommand: `touch ${touched}`,
          LocalForward: `127.0.0.1:${sshd.port} 127.0.0.1:1`,
          ExitOnForwardFailure: 'yes',
          ControlMaster: 'auto',
          ControlPath: touched,
          ControlPersist: 'yes',
          ForkAfterAuthentication: 'yes',
          StdinNull: 'yes',
          LogLevel: 'QUIET',
        },
        { transportSetting: () => client },
      );
      const { transport } = await pool.get('lab');
      const stream = await transport.exec('tty; cat');
      stream.end('through\n');
      expect(await text(stream)).toBe('not a tty\nthrough\n');
      expect(existsSync(touched)).toBe(false);
    },
  );

  it('tells why it does not connect even where ssh is to say nothing', async () => {
    const options = { ...sshd.hostOptions(), Port: await freePort(), LogLevel: 'QUIET' };
    expect(await rejection((await poolWith(options)).get('lab'))).toMatchObject({
      code: 'connection-refused',
    });
  });

  it('is given up at once when nobody wants it any more', async () => {
    const pool = await poolWith({ ...sshd.hostOptions(), ProxyCommand: 'sleep 60' });
    const controller = new AbortController();
    const connecting = rejection(pool.get('lab', { signal: controller.signal }));
    controller.abort();
    expect(await connecting).toMatchObject({ code: 'cancelled' });
  });

  describe('chosen by itself', () => {
    const auto = (options: HostOptions) => poolWith(options, { transportSetting: () => 'auto' });

    it('for a certificate, which the built-in client cannot show', async () => {
      const ca = await generateKey(join(folder.path, 'ca'));
      const key = await generateKey(join(folder.path, 'certified'));
      await run('ssh-keygen', ['-q', '-s', ca, '-I', 'me', '-n', process.env.USER ?? 'root', `${key}.pub`]);
      const own = await startTestSshd({
        config: [`TrustedUserCAKeys ${ca}.pub`, 'AuthorizedPrincipalsFile none'],
      });
      const options = { ...own.hostOptions(), IdentityFile: key };
      const builtIn = await poolWith(options, { transportSetting: () => 'built-in' });
      expect(await rejection(builtIn.get('lab'))).toMatchObject({ code: 'auth-failed' });
      const { transport } = await (await auto(options)).get('lab');
      expect(await output(transport, 'echo in')).toBe('in\n');
      expect(transport.client).toBe('system');
    });

    it("while the user's own ControlMaster is alive, when nobody could log in again", async () => {
      const own = await startTestSshd({});
      const socket = join(folder.path, 'm');
      const options = { ...own.hostOptions(), ControlPath: socket };
      const dir = await temporaryFolder();
      const config = await writeSshConfig(dir.path, [{ alias: 'lab', options }]);
      const master: ChildProcess = spawn('ssh', ['-F', config, '-M', '-N', 'lab'], { stdio: 'ignore' });
      onTestFinished(async () => {
        master.kill();
        await dir.remove();
      });
      await vi.waitFor(() => run('ssh', ['-F', config, '-O', 'check', 'lab']));
      await writeFile(join(own.dir, 'authorized_keys'), '');
      const { transport } = await (await auto(options)).get('lab');
      expect(await output(transport, 'echo ridden')).toBe('ridden\n');
      const stream = await transport.stream('127.0.0.1', own.port);
      stream.write('x\n');
      expect(await text(stream)).toMatch(/^SSH-2.0/);
      transport.close();
      await run('ssh', ['-F', config, '-O', 'check', 'lab']);
    });

    it('for a ProxyCommand that passes a descriptor', async () => {
      const script = join(folder.path, 'pass-fd');
      await writeFile(
        script,
        [
          '#!/usr/bin/env python3',
          'import socket, sys',
          's = socket.create_connection((sys.argv[1], int(sys.argv[2])))',
          'socket.send_fds(socket.socket(fileno=1), [b"x"], [s.fileno()])',
          '',
        ].join('\n'),
      );
      await chmod(script, 0o755);
      const python = await run('python3', ['-c', 'import socket; socket.send_fds']).catch(() => null);
      if (python === null) return console.log('SKIPPED ProxyUseFdpass: there is no python3 with send_fds');
      const options = { ...sshd.hostOptions(), ProxyCommand: `${script} %h %p`, ProxyUseFdpass: 'yes' };
      const builtIn = await poolWith(options, { transportSetting: () => 'built-in' });
      expect(await rejection(builtIn.get('lab'))).toMatchObject({ code: 'proxy-unsupported' });
      const { transport } = await (await auto(options)).get('lab');
      expect(await output(transport, 'echo in')).toBe('in\n');
    });

    it('for a host key that an authority has signed', async () => {
      const ca = await generateKey(join(folder.path, 'host_ca'));
      const own = await startTestSshd({});
      await run('ssh-keygen', [
        '-q',
        '-s',
        ca,
        '-I',
        'host',
        '-h',
        '-n',
        '127.0.0.1',
        `${own.hostKeyPath}.pub`,
      ]);
      const certified = await startTestSshd({
        config: [`HostKey ${own.hostKeyPath}`, `HostCertificate ${own.hostKeyPath}-cert.pub`],
        authorizedKeys: [await readFile(`${own.clientKeyPath}.pub`, 'utf8')],
      });
      const known = join(folder.path, 'ca_known_hosts');
      await writeFile(known, `@cert-authority [127.0.0.1]:* ${await publicKey(ca)}\n`);
      const options = { ...certified.hostOptions(), UserKnownHostsFile: known };
      const { transport } = await (await auto(options)).get('lab');
      expect(await output(transport, 'echo in')).toBe('in\n');
    });

    it('not for an ordinary host', async () => {
      const before = await socketFolders();
      await (await auto(sshd.hostOptions())).get('lab');
      expect(await socketFolders()).toEqual(before);
    });
  });
});
