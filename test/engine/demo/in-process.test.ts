import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'ssh2';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createFrameReader, type Frame } from '#engine/probe/frames.ts';
import { probeScript, shellCommand } from '#engine/probe/script.ts';
import { gpuColumns, nvidiaSmi } from '#engine/probe/tools/nvidia-smi.ts';
import { demoHosts } from '../../../main/demo/catalogue.ts';
import { startDemoCluster } from '../../../main/demo/cluster.ts';
import { createHostHome } from '../../../main/demo/host-home.ts';
import { type RunShell, shellAt, withoutShell } from '../../../main/demo/host-shell.ts';
import { newKey } from '../../../main/demo/keys.ts';
import { probeAnswer } from '../../../main/demo/probe-answers.ts';
import { knownHosts, sshConfig } from '../../../main/demo/ssh-files.ts';
import { type SshHost, startSshHost } from '../../../main/demo/ssh-host.ts';
import { type StateFiles, stateFiles } from '../../../main/demo/state-files.ts';
import { createWorld } from '../../../main/demo/world.ts';
import { connectTo, openChannel, run } from './demo-client.ts';

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'demo-in-process-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** Frames of the probe's shell on a host whose state stands still, asked one request after the other. */
async function answers(runShell: RunShell, requests: readonly string[]): Promise<readonly Frame[]> {
  const [hostKey, clientKey] = [newKey(), newKey()];
  const host: SshHost = await startSshHost({
    hostKey: hostKey.private,
    clientKey: clientKey.parsed,
    behaviour: { kind: 'normal' },
    runShell,
    service: () => null,
  });
  const directory = await mkdtemp(join(home, 'client-'));
  const paths = { identity: join(directory, 'id'), knownHosts: join(directory, 'known_hosts') };
  const configured = [{ alias: 'one', port: host.port, hostKey: hostKey.public, known: true }];
  await writeFile(paths.identity, clientKey.private, { mode: 0o600 });
  await writeFile(paths.knownHosts, knownHosts(configured));
  await writeFile(join(directory, 'config'), sshConfig(configured, paths));
  const client: Client = await connectTo(join(directory, 'config'), 'one');
  const channel = await openChannel(client, shellCommand);
  const sentinel = '0123456789abcdef0123456789abcdef';
  const reader = createFrameReader(sentinel);
  const frames: Frame[] = [];
  channel.on('data', (chunk: Buffer) => frames.push(...reader.push(chunk)));
  const received = async (count: number) =>
    await vi.waitFor(() => expect(frames.length).toBeGreaterThanOrEqual(count), {
      timeout: 20_000,
      interval: 5,
    });
  channel.write(
    probeScript({ sentinel, directory: 'in-process-test', limitSeconds: 60, tools: [nvidiaSmi] }),
  );
  await received(1);
  for (const [at, request] of requests.entries()) {
    const [verb, ...words] = request.split(' ');
    channel.write(`${[verb, at + 1, ...words.map((word) => `'${word}'`)].join(' ')}\n`);
    await received(at + 2);
  }
  const closed = once(channel, 'close');
  channel.end();
  await closed;
  client.end();
  await host.close();
  return frames;
}

const epochMs = 1_700_000_000_000;
const nowS = epochMs / 1000 + 300;

/** The load and memory of a host in sh are those of this computer, and the folder is its own. */
const comparable = (frames: readonly Frame[]) =>
  frames.map(({ number, parts }) => ({
    number,
    parts: parts.map((part) => (/^(host|hello)$/.test(part.name) ? { ...part, text: '' } : part)),
  }));

describe('a host without a shell answers the probe as /bin/sh does', () => {
  const world = createWorld(demoHosts, 3);
  for (let second = 0; second < 300; second += 1) world.advance(1);

  test.each(world.hosts.map((truth) => [truth.spec.alias, truth] as const))('%s', async (alias, truth) => {
    const state: StateFiles = stateFiles(truth, epochMs);
    const hasGpus = truth.spec.gpu !== null;
    const pids = truth.processes().map(({ pid }) => pid);
    const requests = [
      'gpus  ',
      `gpus ${gpuColumns.join(',')} `,
      'gpus index,gpu_uuid,no.such,name ',
      'gpus  nvidia-smi',
      'gpus clocks.sm,used_memory ',
      'gpus  ',
      'apps ',
      'apps mig',
      'facts',
      `names ${[...pids, 4_000_000].join(',')}`,
      'names 4000001',
      'ports',
    ];
    const files = await createHostHome(join(home, alias), hasGpus);
    await files.write(state);
    // The ages of processes are counted from the same second.
    await writeFile(join(home, alias, 'bin', 'date'), `#!/bin/sh\necho ${nowS}\n`, { mode: 0o755 });
    const inShell = await answers(shellAt(files), requests);
    const inProcess = await answers(
      withoutShell((request) => probeAnswer({ hasGpus, state, nowS }, request)),
      requests,
    );
    expect(comparable(inProcess)).toEqual(comparable(inShell));
  });
});

describe('a cluster without shells', () => {
  test('says so to every other command, and leaves nothing behind', async () => {
    const cluster = await startDemoCluster({ home, shells: 'in-process' });
    const names = await readdir(home);
    const client = await connectTo(cluster.sshConfigPath, 'h100-01');
    client.on('error', () => undefined);
    const { code, stdout, stderr } = await run(client, 'nvidia-smi');
    expect({ code, stdout }).toEqual({ code: 127, stdout: '' });
    expect(stderr).toContain('has no shell');
    await openChannel(client, shellCommand);
    const slow = connectTo(cluster.sshConfigPath, 'a100-train-2').catch(() => 'ended');
    await Promise.all([cluster.dispose(), cluster.dispose()]);
    expect(await slow).toBe('ended');
    client.destroy();
    const own = names.filter((name) => name.startsWith('vllm-tray-demo-'));
    expect(own).toHaveLength(1);
    expect(await readdir(home)).toEqual(names.filter((name) => !own.includes(name)));
  });
});
