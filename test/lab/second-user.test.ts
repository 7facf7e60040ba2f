/** Another user of this computer as the attacker: against every listener, file, socket, argument list and environment of the app. */

import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Bridge, createBridge } from '#common/bridge.ts';
import { serveOnLoopback, type WebServer } from '../../main/demo/model-server.ts';
import {
  createWebSocketTransport,
  type Socket,
  type WebSocketTransport,
} from '../../renderer/transport/web-socket.ts';
import { entrance, keyIn } from '../support/contract/transports.ts';
import { type Sshd, sshdAvailable, startSshd, writeSshConfig } from '../support/ssh/sshd.ts';

const isRoot = process.getuid?.() === 0;
const hasSetpriv = process.platform === 'linux' && spawnSync('setpriv', ['--version']).status === 0;
if (!isRoot || !hasSetpriv)
  console.log('skipped: a second user as the attacker (needs root, Linux and setpriv)');
const runs = isRoot && hasSetpriv && sshdAvailable();

const root = path.resolve(import.meta.dirname, '../..');
const other = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];

/** Runs a module body as the other user, with `input` in scope; what it passes to `tell` comes back. */
async function asOther<T>(body: string, input: object = {}): Promise<T> {
  const prelude = `import { readFileSync, readdirSync, statSync } from 'node:fs';
    import { connect } from 'node:net';
    const input = JSON.parse(process.argv[1]);
    const tell = (value) => process.stdout.write(JSON.stringify(value));
    const attempt = (work) => { try { return work(); } catch (error) { return { refused: error.code }; } };`;
  const args = ['--input-type=module', '-e', `${prelude}\n${body}`, JSON.stringify(input)];
  const { stdout } = await promisify(execFile)('setpriv', [...other, process.execPath, ...args], {
    cwd: '/',
    env: { PATH: process.env.PATH },
    maxBuffer: 50_000_000,
  });
  return JSON.parse(stdout) as T;
}

function row(target: string, tried: string, outcome: unknown): void {
  console.log(
    `row: ${target} | ${tried} | ${typeof outcome === 'string' ? outcome : JSON.stringify(outcome)}`,
  );
}

describe.skipIf(!runs)('a second user', () => {
  let folder: string;
  let host: Sshd;
  let bySystem: Sshd;
  let model: WebServer;
  let app: ChildProcess;
  let printed = '';
  let complained = '';
  let url = '';
  let ticketFile = '';
  let transport: WebSocketTransport;
  let bridge: Bridge;
  const settings = () => path.join(folder, 'settings', 'vllm-tray');

  beforeAll(async () => {
    // Open to all as far as the app's own folders, which are what is tried.
    folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-second-'));
    await chmod(folder, 0o755);
    await mkdir(path.join(folder, 'settings'), { mode: 0o755 });
    await mkdir(path.join(folder, 'bin'), { mode: 0o755 });
    // A browser that is slow to start: its command line stands there until it may go on.
    const browser = '#!/bin/sh\nwhile [ ! -e "$BROWSER_GO" ]; do sleep 0.05; done\n';
    await writeFile(path.join(folder, 'bin', 'xdg-open'), browser, { mode: 0o755 });
    host = await startSshd();
    // Two names of one server would share a connection.
    bySystem = await startSshd();
    model = await serveOnLoopback((_request, response) => response.end('through the forward'));
    const config = await writeSshConfig(folder, [
      { alias: 'lab', options: host.hostOptions() },
      { alias: 'system', options: bySystem.hostOptions() },
    ]);
    app = spawn(
      '/bin/sh',
      [
        '-c',
        'umask 000; ulimit -n 1024; exec "$@"',
        'sh',
        process.execPath,
        path.join(root, 'dist/web/main.mjs'),
        '--ssh-config',
        config,
      ],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: `${path.join(folder, 'bin')}:${process.env.PATH}`,
          HOME: folder,
          DISPLAY: ':9',
          BROWSER_GO: path.join(folder, 'go'),
          XDG_CONFIG_HOME: path.join(folder, 'settings'),
          TMUX_TMPDIR: folder,
          SECRET_OF_OWNER: 'environment-secret',
        },
      },
    );
    app.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    app.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complained += text;
    });
    await vi.waitFor(() => expect(printed).toMatch(/^Open \S+$/m), { timeout: 30_000 });
    url = /^Open (\S+)$/m.exec(printed)?.[1] ?? '';
    const open = await entrance(url);
    const createSocket = () => open() as unknown as Socket;
    transport = createWebSocketTransport({ url, key: () => null, createSocket });
    bridge = createBridge(transport);
  });
  afterAll(async () => {
    transport?.close();
    await writeFile(path.join(folder, 'go'), '').catch(() => undefined);
    if (app?.exitCode === null) {
      app.kill('SIGTERM');
      await once(app, 'close');
    }
    await model?.close();
    await host?.stop();
    await bySystem?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it('reads no secret from an argument list or an environment, and is not in before the browser', async () => {
    const found = await vi.waitFor(
      async () => {
        const all = await asOther<{ lines: string[]; environments: number; own: string }>(
          `const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
          const texts = (name) => pids.map((pid) => attempt(() => readFileSync('/proc/' + pid + '/' + name, 'utf8')));
          tell({
            lines: texts('cmdline').filter((text) => typeof text === 'string'),
            environments: texts('environ').filter((text) => typeof text === 'string' && text.includes('environment-secret')).length,
          });`,
        );
        expect(all.lines.join('\n')).toContain('xdg-open');
        return all;
      },
      { timeout: 20_000 },
    );
    const shown = found.lines.find((line) => line.includes(path.join(folder, 'bin', 'xdg-open'))) ?? '';
    ticketFile = new URL(/file:\/\/[^\0]+/.exec(shown)?.[0] ?? 'file:///none').pathname;
    const ticket = /token=([\w-]+)/.exec(await readFile(ticketFile, 'utf8'))?.[1] ?? '';
    expect(ticket).toMatch(/^[\w-]{43}$/);
    const token = new URL(url).searchParams.get('token') ?? '';
    const mine = found.lines.filter((line) => !line.includes('--input-type=module')).join('\n');
    expect(mine).not.toContain(ticket);
    expect(mine).not.toContain(token);
    expect(mine).not.toContain('?token=');
    expect(found.environments).toBe(0);
    row('argument lists', 'read all of /proc/*/cmdline', 'no token, no ticket');
    row('environments', 'read all of /proc/*/environ', 'none of the app');

    const tried = await asOther<Record<string, unknown>>(
      `const folder = input.file.slice(0, input.file.lastIndexOf('/'));
      tell({ file: attempt(() => readFileSync(input.file, 'utf8')), list: attempt(() => readdirSync(folder)) });`,
      { file: ticketFile },
    );
    expect(tried).toEqual({ file: { refused: 'EACCES' }, list: { refused: 'EACCES' } });
    row('redirect file', 'read it, list its folder', tried);

    // The browser, as the owner, comes after all that and is in.
    const page = await fetch(`${new URL(url).origin}/?token=${ticket}`);
    expect(page.status).toBe(200);
    expect(keyIn(await page.text())).not.toBe('none');
    await vi.waitFor(async () => expect(await stat(path.dirname(ticketFile)).catch(() => null)).toBeNull());
    row('redirect file', 'after the browser was in', 'removed');

    const again = await asOther<number>(`tell((await fetch(input.url)).status);`, {
      url: `${new URL(url).origin}/?token=${ticket}`,
    });
    expect(again).toBe(403);
    await vi.waitFor(() => expect(complained).toContain('opened a second time'));
    const { problems } = await bridge.call('snapshot.get', {});
    expect(problems.map(({ code }) => code)).toContain('ticket-reused');
    row('ticket', 'use it a second time', 'refused, and the owner is told in window and terminal');
  });

  it('gets no key from the listener of the face', async () => {
    const tried = await asOther<Record<string, unknown>>(
      `const port = input.port;
      const get = async (path) => { const answer = await fetch('http://127.0.0.1:' + port + path); return [answer.status, (await answer.text()).includes('vllm-tray-key')]; };
      const knock = (protocols) => new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1');
        socket.setEncoding('latin1').once('data', (text) => { socket.destroy(); resolve(text.split(' ')[1]); });
        socket.write('GET /socket HTTP/1.1\\r\\nHost: 127.0.0.1:' + port + '\\r\\nOrigin: http://127.0.0.1:' + port + '\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\nSec-WebSocket-Protocol: ' + protocols + '\\r\\n\\r\\n');
      });
      tell({ page: await get('/'), guess: await get('/?token=' + 'a'.repeat(43)), socket: await knock('vllm-tray'), guessed: await knock('vllm-tray, ' + 'a'.repeat(43)) });`,
      { port: Number(new URL(url).port) },
    );
    expect(tried).toEqual({ page: [200, false], guess: [403, false], socket: '401', guessed: '401' });
    row('listener of the face', 'page, guesses, socket without the key', tried);
  });

  it('reads no file that the app makes, whatever the umask, and enters no socket', async () => {
    const change = {
      welcomed: true,
      history: { keepFile: true },
      ssh: { transport: 'auto' as const, hosts: { system: 'system' as const } },
    };
    await bridge.call('settings.update', { change });
    await vi.waitFor(
      async () => {
        const { hosts } = await bridge.call('snapshot.get', {});
        // Its control socket is there then, too.
        expect(hosts.find(({ alias }) => alias === 'system')).toMatchObject({ client: 'system' });
      },
      { timeout: 30_000 },
    );
    const forward = await bridge.call('forward.open', { hostId: 'lab', remotePort: model.port });
    await vi.waitFor(async () => expect(await readdir(settings())).toContain('state.json'));
    const files = await readdir(settings());
    for (const name of files) {
      const file = path.join(settings(), name);
      const tried = await asOther(`tell(attempt(() => readFileSync(input.file, 'utf8').length));`, { file });
      expect(tried, name).toEqual({ refused: 'EACCES' });
      row(`file ${name}`, 'read it', tried);
    }
    const sockets = await asOther<Record<string, unknown>>(
      `const paths = readFileSync('/proc/net/unix', 'utf8').split('\\n').map((line) => line.split(' ').at(-1)).filter((path) => /^\\/.*vt-ssh-/.test(path));
      const enter = (path) => new Promise((resolve) => connect(path).once('connect', () => resolve('in')).once('error', (error) => resolve(error.code)));
      tell(Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await enter(path)]))));`,
    );
    expect(Object.keys(sockets).length).toBeGreaterThan(0);
    for (const [socket, outcome] of Object.entries(sockets)) {
      expect(outcome, socket).toBe('EACCES');
      row(`socket ${socket}`, 'connect to it', outcome);
    }
    expect(forward.localPort).not.toBeNull();
  });

  it('finds nothing of the app that listens beyond loopback', async () => {
    const { stdout } = await promisify(execFile)('ss', ['-Hltnp']);
    const own = stdout.split('\n').filter((line) => line.includes(`pid=${app.pid},`));
    const addresses = own.map((line) => line.trim().split(/\s+/)[3] ?? '');
    expect(addresses.length).toBeGreaterThanOrEqual(2);
    for (const address of addresses) {
      expect(address).toMatch(/^(127\.0\.0\.1|\[::1\]):\d+$/);
      row(`listener ${address}`, 'bound beyond loopback', 'no');
    }
  });

  it('cannot end the app or keep its owner out with 1,100 idle connections at ulimit -n 1024', async () => {
    const { forwards } = await bridge.call('snapshot.get', {});
    const localPort = forwards[0]?.localPort ?? 0;
    for (const port of [Number(new URL(url).port), localPort]) {
      const flood = asOtherWhile(
        `let count = 0;
        const one = () => new Promise((resolve) => { const socket = connect(input.port, '127.0.0.1'); socket.on('error', () => resolve()).on('connect', () => { count += 1; resolve(); }).resume(); });
        for (let batch = 0; batch < 22; batch += 1) await Promise.all(Array.from({ length: 50 }, one));
        console.log(count);
        setInterval(() => undefined, 1000);`,
        { port },
      );
      const connected = await flood.said;
      // The flood stands; its owner is served by both listeners all the same.
      expect((await bridge.call('snapshot.get', {})).revision).toBeGreaterThan(0);
      expect(keyIn(await (await fetch(url)).text())).not.toBe('none');
      const answer = await fetch(`http://127.0.0.1:${localPort}/`, { headers: { connection: 'close' } });
      expect(await answer.text()).toBe('through the forward');
      const files = (await readdir(`/proc/${app.pid}/fd`)).length;
      expect(files).toBeLessThan(512);
      row(
        `listener ${port}`,
        `1,100 idle connections, ${connected} accepted`,
        `the app has ${files} files open and serves`,
      );
      await flood.stop();
    }
    expect(app.exitCode).toBeNull();
    const { problems } = await bridge.call('snapshot.get', {});
    expect(problems.filter(({ code }) => code === 'connections-cut')).toHaveLength(2);
    row('forward', 'use it', 'works for every user of this computer, as README and SECURITY.md say');
  });
});

/** The same, for what stays there until it is stopped; `said` is its first line. */
function asOtherWhile(body: string, input: object) {
  const prelude = `import { connect } from 'node:net'; const input = JSON.parse(process.argv[1]);`;
  const args = ['--input-type=module', '-e', `${prelude}\n${body}`, JSON.stringify(input)];
  const child = spawn('setpriv', [...other, process.execPath, ...args], {
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
  });
  const closed = once(child, 'close');
  return {
    said: once(child.stdout, 'data').then(([text]) => String(text).trim()),
    async stop() {
      child.kill();
      await closed;
    },
  };
}
