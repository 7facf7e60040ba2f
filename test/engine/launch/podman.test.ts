/** The container form by a real podman, where it can run one; the line itself is tested in lines.test.ts everywhere. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linesOf } from '#engine/launch/launchers/registry.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { importImage, openPodman, type Podman, podmanMissing } from '../../support/podman.ts';

const image = 'vllm-tray-test';
const why = podmanMissing();
if (why !== null) console.log(`skipped: podman as a launcher: ${why}`);

describe.skipIf(why !== null)('podman', () => {
  let folder: Folder;
  let podman: Podman;
  let obstacle: string | null;
  beforeAll(async () => {
    folder = await temporaryFolder();
    await mkdir(join(folder.path, 'podman'));
    podman = await openPodman({ folder: join(folder.path, 'podman') });
    // It prints its words.
    const vllm = '#!/bin/sh\nfor word do echo "<$word>"; done\necho "$X_A"\nexec sleep 600\n';
    obstacle = importImage(podman, image, folder.path, {
      programs: ['/bin/sh', '/bin/sleep'],
      files: { 'bin/vllm': vllm },
    });
  });
  afterAll(async () => {
    await podman?.dispose();
    await folder?.remove();
  });

  it('runs the image with every word as it was, and ends it', async ({ skip }) => {
    if (obstacle !== null) skip(obstacle);
    const args = ["it's", '$(x)', 'a b'];
    const work = {
      name: 'vllmctl_server_18431',
      model: 'm',
      remotePort: 18_431,
      args,
      env: { X_A: '$HOME' },
    };
    const facts = { condaBases: [], condaEnvironments: [], vllm: null, uv: false } as const;
    const choice = { kind: 'container', image } as const;
    const { line, killLine } = linesOf({ ...work, gpus: null }, choice, {
      ...facts,
      containerTool: 'podman',
    });
    const { env } = podman;
    const child = spawn('/bin/sh', ['-c', line], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      printed += chunk;
      if (printed.includes('$HOME\n')) break;
    }
    expect(printed).toBe(
      "<serve>\n<m>\n<--port>\n<18431>\n<--host>\n<0.0.0.0>\n<it's>\n<$(x)>\n<a b>\n$HOME\n",
    );
    const ended = once(child, 'close');
    execFileSync('/bin/sh', ['-c', killLine ?? ''], { env });
    await ended;
  }, 120_000);
});
