import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openSource } from '#app/source.ts';
import { startDemoCluster } from '../../../main/demo/cluster.ts';
import { alive, ask, connectTo, openChannel, openTunnel } from './demo-client.ts';

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'demo-end-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** What keeps this process busy, by kind; without timers, since the test runner comes and goes with its own. */
const open = () => {
  const all = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) all.set(kind, (all.get(kind) ?? 0) + 1);
  return Object.fromEntries([...all].filter(([kind]) => /TCP|Process|Pipe/.test(kind)));
};

test('dispose leaves no child, socket, listener or file, whatever was under way', async () => {
  const before = open();
  const exitListeners = process.listenerCount('exit');
  const cluster = await startDemoCluster({ home, seed: 2 });
  expect(open()).not.toEqual(before);
  const client = await connectTo(cluster.sshConfigPath, 'h100-01');
  client.on('error', () => undefined);
  const channel = await openChannel(client, 'echo $$; exec sleep 600');
  const pid = Number(await new Promise<Buffer>((resolve) => channel.once('data', resolve)));
  expect(alive(pid)).toBe(true);
  const chat = await ask(await openTunnel(client, 8000), '/v1/chat/completions', {
    messages: [{ role: 'user', content: 'Hello' }],
    stream: true,
  });
  chat.on('error', () => undefined).resume();
  const slowLogin = connectTo(cluster.sshConfigPath, 'a100-train-2').catch(() => 'ended');

  await Promise.all([cluster.dispose(), cluster.dispose()]);
  expect(alive(pid)).toBe(false);
  expect(await slowLogin).toBe('ended');
  expect(await readdir(home)).toEqual([]);
  expect(process.listenerCount('exit')).toBe(exitListeners);
  client.destroy();
  await vi.waitFor(() => expect(open()).toEqual(before));
});

test('a start that fails leaves nothing either', async () => {
  const before = open();
  await expect(startDemoCluster({ home: join(home, 'missing') })).rejects.toMatchObject({ code: 'ENOENT' });
  expect(open()).toEqual(before);
});

/** Runs a cluster in a process of its own, which does `atInput` when a line comes on its stdin. */
async function startProgram(atInput: string) {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const program = join(home, 'program.cjs');
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { startDemoCluster } from './main/demo/cluster.ts';
        startDemoCluster({ home: ${JSON.stringify(home)} }).then((cluster) => {
          process.stdin.once('data', () => { ${atInput} });
          console.log(cluster.sshConfigPath);
        });`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
  });
  await writeFile(program, outputFiles[0]?.contents ?? '');
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, NODE_PATH: join(root, 'node_modules') },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const sshConfigPath = line.toString().trim();
  const client = await connectTo(sshConfigPath, 'h100-01');
  client.on('error', () => undefined);
  const channel = await openChannel(client, 'echo $$; exec sleep 600');
  const [pid] = (await once(channel, 'data')) as [Buffer];
  return { child, client, shell: Number(pid), sshConfigPath };
}

test.each([
  ['disposes of its cluster ends by itself', 'cluster.dispose().then(() => process.stdin.destroy())'],
  ['ends without dispose takes its shells and files along', 'process.exit(0)'],
])('a process that %s', async (_what, atInput) => {
  const { child, client, shell, sshConfigPath } = await startProgram(atInput);
  expect(alive(shell)).toBe(true);
  expect(existsSync(sshConfigPath)).toBe(true);
  const exited = once(child, 'exit');
  child.stdin.write('go\n');
  expect(await exited).toEqual([0, null]);
  expect(existsSync(dirname(sshConfigPath))).toBe(false);
  await vi.waitFor(() => expect(alive(shell)).toBe(false));
  client.destroy();
});

test('a source is the configuration that has hosts, and the demo cluster otherwise or when asked for', async () => {
  const sshConfigPath = join(home, 'config');
  const common = { sshConfigPath, home, startDemo: startDemoCluster, log: () => undefined };
  const given = await openSource({ ...common, demo: false, hasHosts: async () => true });
  expect(given).toMatchObject({ source: { kind: 'ssh-config', path: sshConfigPath }, sshConfigPath });
  await given.dispose();
  for (const [demo, hosts] of [
    [false, false],
    [true, true],
  ] as const) {
    const source = await openSource({ ...common, demo, hasHosts: async () => hosts });
    expect(source.source).toEqual({ kind: 'demo', configFile: source.sshConfigPath });
    expect(existsSync(source.sshConfigPath)).toBe(true);
    await source.dispose();
    expect(existsSync(source.sshConfigPath)).toBe(false);
  }
});
