/** Model servers in containers of a real podman, with root and without, that publish their port: which container, GPUs and owner. */

import { readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { engineFor } from '../support/engine-for.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';
import { importImage, openPodman, type Podman, podmanMissing } from '../support/podman.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { namespacesMissing } from './namespaces.ts';

const missing = namespacesMissing() ?? podmanMissing();
if (missing !== null) console.log(`SKIPPED lab: model servers in containers: ${missing}`);

/** GPUs 0 to 7, and what runs on them by a file. */
const smi = (apps: string) => `#!/bin/sh
case "$*" in
--query-gpu=*)
  echo 'index, uuid, name, utilization.gpu [%], memory.used [MiB], memory.total [MiB], temperature.gpu, power.draw [W], driver_version, mig.mode.current'
  for n in 0 1 2 3 4 5 6 7; do echo "$n, GPU-$n, NVIDIA H100 80GB HBM3, 9, 70000, 81559, 61, 98.12, 550.54.15, Disabled"; done ;;
--query-compute-apps=*)
  echo 'gpu_uuid, pid, process_name, used_gpu_memory [MiB]'
  cat ${apps} ;;
*) exit 2 ;;
esac
`;

/** A server with four workers, as with tensor-parallel-size 4: the workers are on GPUs. */
const serve = `#!/bin/sh
for n in 1 2 3 4; do /bin/sleep 600 & done
exec /bin/busybox httpd -f -p 8000 -h /www
`;
const listing = JSON.stringify({ object: 'list', data: [{ id: 'org/llama', owned_by: 'vllm' }] });

/** The workers of a container's server, by their ids on the host. */
function workersOf(podman: Podman, name: string): readonly number[] {
  const server = podman.run('inspect', '--format', '{{.State.Pid}}', name).trim();
  const children = readFileSync(`/proc/${server}/task/${server}/children`, 'utf8').trim();
  return children.split(' ').map(Number);
}

describe.skipIf(missing !== null)('a model server in a container', () => {
  let folder: Folder;
  let fleet: Fleet;
  const podmans: Podman[] = [];
  let obstacle: string | null = null;
  beforeAll(async () => {
    folder = await temporaryFolder();
    // The other user has its images below it.
    await chmod(folder.path, 0o755);
    const apps = join(folder.path, 'apps');
    await writeFile(apps, '');
    fleet = await startFleet([{ alias: 'gpu', gpus: null, nvidiaSmi: smi(apps) }]);
    const network = `/run/netns/${fleet.namespaceOf('gpu').name}`;
    const start = async (name: string, port: number, user?: { uid: number; gid: number }) => {
      const own = join(folder.path, name);
      await mkdir(own);
      const podman = await openPodman({ folder: own, network, ...(user && { user }) });
      podmans.push(podman);
      const why = importImage(podman, 'model', join(folder.path, `${name}-image`), {
        programs: ['/bin/sh', '/bin/sleep', '/bin/busybox'],
        files: { 'bin/serve': serve, 'www/v1/models': listing },
      });
      obstacle ??= why;
      if (obstacle !== null) return none;
      const id = podman
        .run('run', '--detach', '--name', name, '--publish', `127.0.0.1:${port}:8000`, 'model', '/bin/serve')
        .trim();
      const workers = await vi.waitFor(() => {
        const found = workersOf(podman, name);
        expect(found).toHaveLength(4);
        return found;
      });
      return { id, workers };
    };
    started.root = await start('with-root', 8000);
    started.user = await start('without-root', 8001, { uid: 65_534, gid: 65_534 });
    const lines = [...started.root.workers, ...started.user.workers].map(
      (pid, gpu) => `GPU-${gpu}, ${pid}, VLLM::Worker, 69000\n`,
    );
    await writeFile(apps, lines.join(''));
  });
  afterAll(async () => {
    for (const podman of podmans) await podman.dispose();
    await fleet?.stop();
    await folder?.remove();
  });
  const none = { id: '', workers: [] as readonly number[] };
  const started = { root: none, user: none };

  it('is found with its container, its GPUs and the one who started it', async ({ skip }) => {
    if (obstacle !== null) skip(obstacle);
    const engine = engineFor(fleet.sshConfigPath, { home: fleet.directory });
    onTestFinished(() => engine.dispose());
    await engine.loadHosts();
    await engine.scan();
    const { root, user } = started;
    await vi.waitFor(() => {
      const { servers } = engine.snapshot();
      expect(servers).toMatchObject([
        { port: 8000, process: { gpus: [0, 1, 2, 3], user: 'root', container: podmanOf(root.id) } },
        { port: 8001, process: { gpus: [4, 5, 6, 7], user: 'nobody', container: podmanOf(user.id) } },
      ]);
    });
  });
});

const podmanOf = (id: string) => ({ kind: 'podman', id: id.slice(0, 12) });
