import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import { createSshMeters } from '#engine/sources/ssh/ssh-meter.ts';
import { createStore } from '#engine/store.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { snapshot } from '../../../support/snapshot.ts';
import { poolFor, startTestSshd } from '../../../support/ssh/pool-for.ts';
import { sshdAvailable, writeSshConfig } from '../../../support/ssh/sshd.ts';
import { standIns } from '../../../support/stand-ins.ts';

const { signal } = new AbortController();

/** The listener, an engine that it starts, and four workers of that: as `vllm serve --tensor-parallel-size 4` has them. */
const tree = `
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const [, self, role, file] = process.argv;
// Each ends with the one that has started it.
process.stdin.on('end', () => process.exit()).resume();
const child = (next) => spawn(process.execPath, [self, next, file], { stdio: ['pipe', 'ignore', 'ignore'] });
if (role === 'serve') {
  child('engine');
  const server = createServer((request, response) => {
    const found = request.url === '/v1/models';
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(found ? JSON.stringify({ object: 'list', data: [{ id: 'org/llama', owned_by: 'vllm' }] }) : '{}');
  }).listen(0, '127.0.0.1', () => console.log(server.address().port));
}
if (role === 'engine') writeFileSync(file, [0, 1, 2, 3].map(() => child('worker').pid).join(' '));
`;

const smi = `
case $1 in
--query-gpu=*)
  echo 'index, uuid, name, utilization.gpu [%], memory.used [MiB], memory.total [MiB], temperature.gpu, power.draw [W], driver_version, mig.mode.current'
  for n in 0 1 2 3 4 5; do echo "$n, GPU-$n, NVIDIA H100 80GB HBM3, 9, 70000, 81559, 61, 98.12, 550.54.15, Disabled"; done ;;
--query-compute-apps=*)
  echo 'gpu_uuid, pid, process_name, used_gpu_memory [MiB]'
  cat "$HERE/apps" ;;
*) exit 2 ;;
esac`;

describe.skipIf(!sshdAvailable() || process.platform !== 'linux')('the processes of models', () => {
  let folder: Folder;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  it('are joined with the GPUs that their workers hold, over a real sshd', async () => {
    const program = join(folder.path, 'vllm.mjs');
    const file = join(folder.path, 'workers');
    await writeFile(program, tree);
    const args = [program, 'serve', file, '--tensor-parallel-size', '4', '--api-key', 'not-to-be-seen'];
    const server = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(async () => {
      server.stdin.end();
      if (server.exitCode === null) await once(server, 'exit');
    });
    const [said] = await once(server.stdout, 'data');
    const port = Number(String(said));
    const workers = await vi.waitFor(async () => {
      const pids = (await readFile(file, 'utf8')).split(' ');
      expect(pids).toHaveLength(4);
      return pids;
    }, 20_000);
    const { directory, env } = standIns({ 'nvidia-smi': smi });
    // The workers are on GPUs 1 to 4; another process has the last one.
    const held = [...workers, String(process.pid)];
    const apps = held.map((pid, at) => `GPU-${at + 1}, ${pid}, VLLM::Worker, 69000`).join('\n');
    await writeFile(join(directory, 'apps'), `${apps}\n`);

    const path = env.PATH ?? '';
    const sshd = await startTestSshd({ env: { PATH: path, HERE: directory } });
    const configPath = await writeSshConfig(folder.path, [{ alias: 'a', options: sshd.hostOptions() }]);
    const pool = poolFor(configPath);
    onTestFinished(() => pool.dispose());
    const events = { onStep: () => undefined, onFacts: () => undefined, onLost: () => undefined };
    const meter = createSshMeters({
      pool,
      store: createStore(snapshot({ settings: defaultSettings })),
      remotePorts: [port],
      apiKeyFor: () => null,
      log: () => undefined,
    }).meter('a', events);
    onTestFinished(() => meter.close());
    await meter.connect({ signal });
    const { gpus } = await meter.read({ signal, processes: true });
    expect(gpus).toHaveLength(6);
    const [found] = await meter.servers({ signal, find: true, known: [] });
    expect(found?.process).toMatchObject({ pid: server.pid, gpus: [1, 2, 3, 4], container: null });
    expect(found?.process?.user).toBeTruthy();
    expect(found?.process?.args).toContain('--tensor-parallel-size 4 --api-key …');
    expect(JSON.stringify(found)).not.toContain('not-to-be-seen');
    const again = await meter.servers({ signal, find: true, known: found === undefined ? [] : [found] });
    expect(again[0]?.process?.startedAt).toBe(found?.process?.startedAt);
  });
});
