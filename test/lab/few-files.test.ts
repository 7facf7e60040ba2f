/** Every program where it may open only a few files: none ends by an error of the system, each says what is short. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, createBridge } from '#common/bridge.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { createWebSocketTransport, type Socket } from '../../renderer/transport/web-socket.ts';
import { entrance } from '../support/contract/transports.ts';
import { type Sshd, sshdAvailable, startSshd, writeSshConfig } from '../support/ssh/sshd.ts';

const onWindows = process.platform === 'win32';
if (onWindows) console.log('skipped: programs with few files (Windows has no such limit)');
const runs = !onWindows && sshdAvailable();

const root = path.resolve(import.meta.dirname, '../..');
const face = path.join(root, 'dist/web/main.mjs');
const terminal = path.join(root, 'dist/cli/main.mjs');
const limits = [40, 44, 50];
/** Too many for the limits at once: directly, through a jump host, by a command, by the system's ssh. */
const hostCount = 16;

describe.skipIf(!runs)('where few files can be opened', () => {
  let host: Sshd;
  let folder: string;
  let config: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-files-'));
    host = await startSshd({ config: ['MaxStartups 100'] });
    const ways = [{}, { ProxyCommand: 'false' }, { ProxyJump: 'host-0' }, {}];
    const aliases = Array.from({ length: hostCount }, (_, index) => `host-${index}`);
    config = await writeSshConfig(
      folder,
      aliases.map((alias, index) => ({ alias, options: { ...host.hostOptions(), ...ways[index % 4] } })),
    );
    const system = aliases.filter((_, index) => index % 4 === 3).map((alias) => [alias, 'system']);
    const settings = { welcomed: true, language: 'en', ssh: { hosts: Object.fromEntries(system) } };
    await mkdir(path.join(folder, 'settings', 'vllm-tray'), { recursive: true });
    await writeFile(path.join(folder, 'settings', 'vllm-tray', 'config.json'), JSON.stringify(settings));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(async () => {
    await host?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  function start(most: number, program: string, args: readonly string[]) {
    const line = `ulimit -n ${most} && exec "$@"`;
    const child = spawn('/bin/sh', ['-c', line, 'sh', process.execPath, program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        TMUX_TMPDIR: folder,
        XDG_CONFIG_HOME: path.join(folder, 'settings'),
      },
    });
    children.push(child);
    const said = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.err += text;
    });
    const ended = once(child, 'close').then(([code]) => code as number | null);
    return { child, said, ended };
  }

  /** What Node prints of an error that nothing caught. */
  const crash = /^Node\.js v|^ {4}at /m;

  it.each(limits)('the browser face stays up with %i, scans what it can, and ends clean', async (most) => {
    const { child, said, ended } = start(most, face, ['--no-open', '--ssh-config', config]);
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout?.on('data', () => {
        const found = /^Open (\S+)$/m.exec(said.out)?.[1];
        if (found !== undefined) resolve(found);
      });
      void ended.then((code) => reject(new Error(`it ended with ${code}: ${said.err}`)));
    });
    const { snapshot, close } = await openSnapshot(url, ({ scan, hosts }) => {
      const isOver = scan.kind === 'done' && scan.done === scan.total;
      return isOver && hosts.length === hostCount;
    });
    const codes = snapshot.hosts.map(({ state }) => ('failure' in state ? state.failure.code : state.kind));
    console.log(
      `row: face, ulimit -n ${most}: ${tally(codes)}; ${tally(snapshot.problems.map(({ code }) => code))}`,
    );
    expect(child.exitCode).toBeNull();
    const isTold = snapshot.problems.some(({ code }) => code === 'open-files');
    // It is told of a shortage that is over, too.
    if (codes.includes('open-files')) expect(isTold).toBe(true);
    close();
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(said.err).not.toMatch(crash);
  });

  const commands: readonly (readonly string[])[] = [
    ['list-hosts'],
    ['gpu-idle-top', '--once'],
    ['list-remote'],
    ['vllm-queue-top', '--once'],
    ['list-local'],
    ['tmux-forwards'],
    ['clean-tmux-forwards', '--yes'],
    ['auto-forward', '--once'],
    ['forward', 'host-2', '9'],
    ['gpu-idle-top', '--once', '--demo'],
  ];

  it.each(limits)(
    'each command ends by itself or on request with %i, and never by an uncaught error',
    async (most) => {
      const runAll = commands.map(async (args) => {
        const { child, said, ended } = start(most, terminal, [
          ...args,
          '--ssh-config',
          config,
          '--timeout',
          '5',
        ]);
        // A forward says on either where it leads, and stays until it is ended.
        for (const stream of [child.stdout, child.stderr])
          stream?.on('data', () => /localhost:\d/.test(said.out + said.err) && child.kill('SIGINT'));
        const code = await ended;
        console.log(`row: ${args.join(' ')}, ulimit -n ${most}: ${code}`);
        expect([0, 1, 3], `${args.join(' ')}: ${said.err}`).toContain(code);
        expect(said.err, args.join(' ')).not.toMatch(crash);
      });
      await Promise.all(runAll);
    },
  );

  it('the demo cluster, which needs more, is refused in a sentence with its remedy', async () => {
    const { said, ended } = start(40, face, ['--no-open', '--demo']);
    expect(await ended).toBe(1);
    expect(said.err).toContain('may open no more files');
    expect(said.err).toContain('ulimit -n');
    expect(said.err).not.toMatch(crash);
  });
});

function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ') || 'no problem';
}

/** The Snapshot as soon as it satisfies the condition. */
async function openSnapshot(url: string, wanted: (snapshot: Snapshot) => boolean) {
  const open = await entrance(url);
  const createSocket = () => open() as unknown as Socket;
  const transport = createWebSocketTransport({ url, key: () => null, createSocket });
  const bridge: Bridge = createBridge(transport);
  for (;;) {
    const changed = new Promise<void>((resolve) => {
      const off = bridge.on('patch', () => {
        off();
        resolve();
      });
    });
    const snapshot = await bridge.call('snapshot.get', {});
    if (wanted(snapshot)) return { snapshot, close: transport.close };
    await changed;
  }
}
