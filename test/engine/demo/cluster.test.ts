import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import ssh2, { type Client, type PublicKeyAuthMethod } from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type DemoCluster, startDemoCluster } from '../../../main/demo/cluster.ts';
import { newKey } from '../../../main/demo/keys.ts';
import {
  alive,
  ask,
  configured,
  connectTo,
  eventsOf,
  openChannel,
  openTunnel,
  run,
  textOf,
} from './demo-client.ts';

let home = '';
let cluster: DemoCluster;
const clients = new Set<Client>();

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'demo-cluster-'));
  cluster = await startDemoCluster({ home, seed: 1 });
});
afterEach(() => {
  for (const client of clients) client.destroy();
  clients.clear();
});
afterAll(async () => {
  await cluster.dispose();
  await rm(home, { recursive: true, force: true });
});

const connect = async (alias: string, rest: Parameters<typeof connectTo>[2] = {}): Promise<Client> => {
  const client = await connectTo(cluster.sshConfigPath, alias, rest);
  clients.add(client);
  return client;
};

const hasSsh = (() => {
  try {
    execFileSync('ssh', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test('every new key can be read again, the rare one with a leading zero too', () => {
  const readable = (text: string) => !(ssh2.utils.parseKey(text) instanceof Error);
  for (let count = 0; count < 1500; count += 1) {
    const key = newKey();
    expect(readable(key.private) && readable(key.public)).toBe(true);
  }
});

describe('the configuration', () => {
  test('names every host once, in order, in a directory for this user alone', async () => {
    const aliases = (await readFile(cluster.sshConfigPath, 'utf8')).match(/(?<=^Host ).*$/gm) ?? [];
    expect(aliases).toHaveLength(cluster.hostCount);
    expect(new Set(aliases).size).toBe(cluster.hostCount);
    expect(aliases.slice(0, 2)).toEqual(['h100-01', 'h100-02']);
    expect((await stat(dirname(cluster.sshConfigPath))).mode & 0o777).toBe(0o700);
    const key = await configured(cluster.sshConfigPath, 'h100-01', 'IdentityFile');
    expect((await stat(key)).mode & 0o777).toBe(0o600);
  });

  test.skipIf(!hasSsh)('lets the real ssh in (needs ssh)', async () => {
    const { stdout, stderr } = await promisify(execFile)('ssh', [
      '-F',
      cluster.sshConfigPath,
      '-o',
      'BatchMode=yes',
      'h100-01',
      'nvidia-smi --query-gpu=index,name --format=csv,noheader',
    ]);
    expect(stderr).toBe('');
    expect(stdout.split('\n').slice(0, 2)).toEqual(['0, NVIDIA H100 80GB HBM3', '1, NVIDIA H100 80GB HBM3']);
  });
});

describe('the shell of a host', () => {
  test('runs a command with input, both outputs and the exit status', async () => {
    const client = await connect('h100-01');
    expect(await run(client, 'cat; echo problem >&2; exit 3', 'to\nand fro\n')).toEqual({
      stdout: 'to\nand fro\n',
      stderr: 'problem\n',
      code: 3,
    });
  });

  test('takes a script line by line on the stdin of /bin/sh, and ends with it', async () => {
    const client = await connect('h100-01');
    const channel = await openChannel(client, 'exec /bin/sh');
    const answers: string[] = [];
    channel.on('data', (data: Buffer) => answers.push(data.toString()));
    channel.write('answer() { echo "answer $1"; }\nanswer 1\n');
    await vi.waitFor(() => expect(answers.join('')).toBe('answer 1\n'));
    channel.write('answer 2\n');
    await vi.waitFor(() => expect(answers.join('')).toBe('answer 1\nanswer 2\n'));
    const closed = new Promise((resolve) => channel.on('close', resolve));
    channel.end();
    expect(await closed).toBe(0);
  });

  test('carries ten megabytes intact', async () => {
    const client = await connect('h100-01');
    const { stdout } = await run(client, 'head -c 10000000 /dev/zero | tr "\\0" x');
    expect(stdout.length).toBe(10_000_000);
    expect(/^x*$/.test(stdout)).toBe(true);
  });

  test('sees its own programs and home, and nothing of this computer’s environment but the search path', async () => {
    const client = await connect('h100-01');
    const { stdout } = await run(client, 'env; command -v nvidia-smi');
    const directory = dirname(cluster.sshConfigPath);
    expect(stdout).toContain(`HOME=${directory}/h100-01/home\n`);
    expect(stdout).toContain(`\n${directory}/h100-01/bin/nvidia-smi\n`);
    const names = stdout.match(/^[A-Z_]+(?==)/gm) ?? [];
    expect(
      names.filter((name) => !/^(HOME|PATH|PWD|OLDPWD|SHELL|USER|LOGNAME|TMPDIR|SHLVL|_)$/.test(name)),
    ).toEqual([]);
  });

  test.each(['its channel', 'its connection'])(
    'is ended, with its children, when %s closes',
    async (what) => {
      const client = await connect('h100-01');
      const channel = await openChannel(client, 'echo $$; sleep 600 & echo $!; cat');
      let text = '';
      channel.on('data', (data: Buffer) => {
        text += data.toString();
      });
      await vi.waitFor(() => expect(text).toMatch(/^\d+\n\d+\n$/));
      const pids = text.trim().split('\n').map(Number);
      expect(pids.every(alive)).toBe(true);
      if (what === 'its channel') channel.close();
      else client.destroy();
      await vi.waitFor(() => expect(pids.filter(alive)).toEqual([]));
    },
  );

  test('may tidy up after itself when the connection closes', async () => {
    const client = await connect('h100-01');
    const channel = await openChannel(client, 'exec /bin/sh');
    channel.write('cd; mkdir kept; trap "rm -r kept" 0; echo ready\n');
    await once(channel, 'data');
    const kept = join(dirname(cluster.sshConfigPath), 'h100-01', 'home', 'kept');
    expect(existsSync(kept)).toBe(true);
    client.destroy();
    await vi.waitFor(() => expect(existsSync(kept)).toBe(false));
  });

  test('shows loads that move', async () => {
    const client = await connect('h200-01');
    const query = 'nvidia-smi --query-gpu=utilization.gpu,power.draw --format=csv,noheader,nounits';
    const { stdout } = await run(client, query);
    expect(stdout.trim().split('\n')).toHaveLength(8);
    await vi.waitFor(async () => expect((await run(client, query)).stdout).not.toBe(stdout));
  });
});

describe('forwarding on a host', () => {
  test('reaches the model server at the port it has there, by every address that it is bound to', async () => {
    const client = await connect('h100-01');
    for (const address of ['127.0.0.1', 'localhost']) {
      const response = await ask(await openTunnel(client, 8000, address), '/v1/models');
      expect(response.statusCode).toBe(200);
      expect(JSON.parse(await textOf(response))).toMatchObject({
        data: [{ id: 'meta-llama/Llama-3.3-70B-Instruct' }],
      });
    }
    const wide = await connect('gh200');
    expect((await ask(await openTunnel(wide, 8000, '::1'), '/v1/models')).statusCode).toBe(401);
  });

  test('carries a streamed chat', async () => {
    const client = await connect('h100-03');
    const response = await ask(await openTunnel(client, 8001), '/v1/chat/completions', {
      model: 'Qwen/Qwen3-30B-A3B',
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      max_tokens: 5,
    });
    const events = eventsOf(await textOf(response));
    expect(events).toHaveLength(7);
    expect(events.at(-1)).toBe('[DONE]');
  });

  test('keeps the way back open after the client has ended its own', async () => {
    const client = await connect('l40s-dev');
    const channel = await openTunnel(client, 8888);
    channel.end('GET /v1/models HTTP/1.0\r\n\r\n');
    const text = await textOf(channel);
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).toContain('<title>JupyterLab</title>');
  });

  test('refuses every other port and address: nothing else on this computer can be reached', async () => {
    const client = await connect('h100-01');
    const ownPort = Number(await configured(cluster.sshConfigPath, 'h100-02', 'Port'));
    for (const [port, address] of [
      [8003, '127.0.0.1'],
      [22, '127.0.0.1'],
      [ownPort, '127.0.0.1'],
      [8000, '::1'],
      [8000, '192.0.2.1'],
      [8888, '127.0.0.1'],
    ] as const)
      await expect(openTunnel(client, port, address)).rejects.toMatchObject({ reason: 2 });
    const lab = await connect('rtx-lab');
    await expect(openTunnel(lab, 8000, '0.0.0.0')).rejects.toMatchObject({ reason: 2 });
  });

  test('is administratively prohibited where the host forbids it', async () => {
    const client = await connect('l40s-batch');
    expect((await run(client, 'ss -H -ltn')).stdout).toContain('0.0.0.0:8000');
    await expect(openTunnel(client, 8000)).rejects.toMatchObject({ reason: 1 });
  });

  test('is refused for listening ports and sockets that a client wants on the host', async () => {
    const client = await connect('h100-01');
    const listening = new Promise((resolve, reject) => {
      client.forwardIn('127.0.0.1', 0, (error, port) => (error ? reject(error) : resolve(port)));
    });
    await expect(listening).rejects.toThrow();
    const socket = new Promise((resolve, reject) => {
      client.openssh_forwardOutStreamLocal('/var/run/docker.sock', (error, channel) =>
        error ? reject(error) : resolve(channel),
      );
    });
    await expect(socket).rejects.toMatchObject({ reason: 1 });
  });
});

describe('the kinds of hosts', () => {
  test('one refuses the connection', async () => {
    await expect(connectTo(cluster.sshConfigPath, 'v100-old')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });

  test('one refuses the key', async () => {
    await expect(connect('dgx-guest')).rejects.toMatchObject({ level: 'client-authentication' });
  });

  test('the others refuse every other key and user', async () => {
    const { private: privateKey } = newKey();
    await expect(connect('h100-01', { privateKey })).rejects.toMatchObject({
      level: 'client-authentication',
    });
    await expect(connect('h100-01', { username: 'root' })).rejects.toMatchObject({
      level: 'client-authentication',
    });
  });

  test('the others refuse the right key with a wrong signature', async () => {
    const path = await configured(cluster.sshConfigPath, 'h100-01', 'IdentityFile');
    const [right, other] = [await readFile(path), newKey().private].map((text) => ssh2.utils.parseKey(text));
    if (right === undefined || other === undefined || right instanceof Error || other instanceof Error)
      throw new Error('unreadable key');
    const key = Object.assign(right, { sign: (data: Buffer, algo?: string) => other.sign(data, algo) });
    const method: PublicKeyAuthMethod = { type: 'publickey', username: 'demo', key };
    await expect(connect('h100-01', { authHandler: [method] })).rejects.toMatchObject({
      level: 'client-authentication',
    });
  });

  test('a slow one answers, after the others', async () => {
    const order: string[] = [];
    const query = 'nvidia-smi --query-gpu=index --format=csv,noheader';
    const through = async (alias: string) => {
      const { stdout } = await run(await connect(alias), 'exec /bin/sh', `${query}\n`);
      order.push(alias);
      return stdout;
    };
    const [slow, quick] = await Promise.all([through('rtx-lab'), through('h100-02')]);
    expect(order).toEqual(['h100-02', 'rtx-lab']);
    expect(slow).toBe('0\n1\n');
    expect(quick).toContain('7\n');
  });

  test('one has no GPUs', async () => {
    const { code } = await run(await connect('cpu-build'), 'nvidia-smi');
    expect([6, 127]).toContain(code);
  });

  test('one has a GPU in error, one MIG', async () => {
    const query = 'nvidia-smi --query-gpu=utilization.gpu --format=csv,noheader';
    expect((await run(await connect('a100-train-1'), query)).stdout.split('\n')[5]).toBe(
      '[GPU requires reset]',
    );
    expect((await run(await connect('a100-mig'), query)).stdout).toBe('[N/A]\n[N/A]\n');
  });
});
