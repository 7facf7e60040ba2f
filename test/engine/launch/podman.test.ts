/** The container form by a real podman, where it can run one; the line itself is tested in lines.test.ts everywhere. */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { linesOf } from '#engine/launch/launchers/registry.ts';
import { temporaryFolder } from '../../support/folder.ts';

const image = 'vllm-tray-test';
const folder = await temporaryFolder();
const env = {
  PATH: process.env.PATH ?? '',
  HOME: folder.path,
  XDG_RUNTIME_DIR: folder.path,
  CONTAINERS_STORAGE_CONF: join(folder.path, 'storage.conf'),
};
const why = obstacle();
if (why !== null) console.log(`skipped: podman as a launcher: ${why}`);

/** Makes an image of a shell and a \`vllm\` that prints its words, and runs it once; null where that works. */
function obstacle(): string | null {
  if (spawnSync('podman', ['--version']).status !== 0) return 'there is no podman here';
  if (process.platform !== 'linux') return 'its image is made of programs of Linux';
  const root = join(folder.path, 'rootfs');
  mkdirSync(join(root, 'bin'), { recursive: true });
  for (const program of ['/bin/sh', '/bin/sleep']) {
    const libraries = execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
    for (const file of [program, ...libraries]) {
      mkdirSync(join(root, dirname(file)), { recursive: true });
      copyFileSync(file, join(root, file));
    }
  }
  writeFileSync(
    join(root, 'bin/vllm'),
    '#!/bin/sh\nfor word do echo "<$word>"; done\necho "$X_A"\nexec sleep 600\n',
    { mode: 0o755 },
  );
  writeFileSync(
    env.CONTAINERS_STORAGE_CONF,
    `[storage]\ndriver = "vfs"\ngraphroot = "${folder.path}/graph"\nrunroot = "${folder.path}/run"\n`,
  );
  execFileSync('tar', ['-C', root, '-cf', join(folder.path, 'image.tar'), '.']);
  for (const args of [
    ['import', join(folder.path, 'image.tar'), image],
    ['run', '--rm', '--entrypoint', '/bin/sh', image, '-c', 'exit 0'],
  ]) {
    const { status, stderr } = spawnSync('podman', args, { env, encoding: 'utf8' });
    if (status !== 0) return stderr.trim().split('\n').at(-1) ?? `podman ${args[0]} fails`;
  }
  return null;
}

afterAll(async () => {
  if (why === null) spawnSync('podman', ['system', 'reset', '--force'], { env });
  await folder.remove();
});

describe.skipIf(why !== null)('podman', () => {
  it('runs the image with every word as it was, and ends it', async () => {
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
