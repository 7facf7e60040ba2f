/** The command as people run it: a process with its streams, signals and exit code. Builds it first if it is stale. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shellWord } from '#common/text.ts';
import { type DemoCluster, startDemoCluster } from '../../../main/demo/cluster.ts';

const program = path.resolve(import.meta.dirname, '../../../build/vllm-tray.mjs');

let home: string;
let cluster: DemoCluster;
const children: ChildProcessWithoutNullStreams[] = [];

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'vllm-tray-program-'));
  cluster = await startDemoCluster();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await cluster?.dispose();
  await rm(home, { recursive: true });
});

function start(args: readonly string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [program, ...args, '--ssh-config', cluster.sshConfigPath], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: path.join(home, 'settings') },
  });
  children.push(child);
  return child;
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text.out += more;
  });
  child.stderr.setEncoding('utf8').on('data', (more: string) => {
    text.err += more;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...text })));
}

const firstLine = (child: ChildProcessWithoutNullStreams): Promise<string> =>
  new Promise((resolve) => child.stdout.once('data', (text) => resolve(String(text))));

it('prints one JSON object and nothing else, and ends by itself', async () => {
  const { code, out, err } = await ended(start(['gpu-idle-top', '--once', '--json']));
  expect(JSON.parse(out).hosts.length).toBe(cluster.hostCount);
  expect(out.trimEnd()).not.toContain('\n');
  expect({ code, err }).toEqual({ code: 0, err: '' });
});

it('keeps the log off stdout', async () => {
  const { out, err } = await ended(start(['list-hosts', '--json', '--debug']));
  expect(JSON.parse(out).hosts.length).toBe(cluster.hostCount);
  expect(err).not.toContain('{"hosts"');
});

it('ends with 2 on bad usage', async () => {
  expect(await ended(start(['nonsense']))).toMatchObject({ code: 2, out: '' });
});

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'closes a forward on %s and ends with 0',
  async (signal) => {
    const child = start(['forward', 'h100-01', '8000', '--json']);
    const end = ended(child);
    const { url } = JSON.parse(await firstLine(child));
    expect((await fetch(`${url}/health`, { headers: { connection: 'close' } })).status).toBe(200);
    child.kill(signal);
    expect((await end).code).toBe(0);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  },
);

it('ends without a word when its reader has seen enough', async () => {
  const child = start(['gpu-idle-top', '--json', '--host-regex', '^h100-01$']);
  const errors = new Promise<string>((resolve) => {
    let text = '';
    child.stderr.on('data', (more) => {
      text += more;
    });
    child.on('close', () => resolve(text));
  });
  const code = new Promise((resolve) => child.on('exit', resolve));
  await firstLine(child);
  child.stdout.destroy();
  expect(await code).toBe(0);
  expect(await errors).toBe('');
});

it.skipIf(!existsSync('/dev/full'))('says in one line that its output cannot be written', async () => {
  const words = [process.execPath, program, 'list-hosts', '--ssh-config', cluster.sshConfigPath];
  const child = spawn('sh', ['-c', `${words.map(shellWord).join(' ')} >/dev/full`], {
    env: { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: path.join(home, 'settings') },
  });
  children.push(child);
  const { code, err } = await ended(child);
  expect(code).toBe(1);
  expect(err).toMatch(/^error: The output cannot be written: ENOSPC[^\n]*\n$/);
});

it('goes on where what it says beside its output is not read', async () => {
  const child = start(['gpu-idle-top', '--once', '--json', '--debug']);
  child.stderr.destroy();
  const { code, out } = await ended(child);
  expect(code).toBe(0);
  expect(JSON.parse(out).hosts.length).toBe(cluster.hostCount);
});
