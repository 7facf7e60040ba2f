/** Debian's podman with images and containers of a test alone, also where the machine would not let it run one. */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface PodmanOptions {
  /** Everything of it lies here; the user must be able to write there. */
  readonly folder: string;
  /** Without root, as this user of this computer, and this group. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** A network namespace for it (a file below /run/netns); one of its own without: its bridges disturb nobody then. */
  readonly network?: string;
}

export interface Podman {
  /** The environment in which `podman` is this one. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs podman and returns what it prints. Throws what it complains about. */
  run(...args: readonly string[]): string;
  /** Ends its containers and removes everything of it. */
  dispose(): Promise<void>;
}

/** More than a machine may allow itself is podman's default, and crun then starts nothing. */
const settings = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
[engine]
cgroup_manager = "cgroupfs"
`;

/** crun refuses a machine that has cgroups of both versions: in a mount namespace there is but the first. */
const ready = 'umount /sys/fs/cgroup/unified 2>/dev/null; ip link set lo up; echo ready; exec cat';

/** Why no container can be started here, or null. */
export function podmanMissing(): string | null {
  if (process.platform !== 'linux') return 'containers are of Linux';
  if (process.getuid?.() !== 0) return 'networks and mounts of their own need root';
  for (const program of ['podman', 'nsenter', 'unshare', 'setpriv', 'busybox'])
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return `there is no ${program}`;
  return spawnSync('unshare', ['--mount', '--net', 'true']).status === 0 ? null : 'namespaces are forbidden';
}

export async function openPodman({ folder, user, network }: PodmanOptions): Promise<Podman> {
  const into = network === undefined ? [] : ['nsenter', `--net=${network}`];
  const [program = '', ...words] = [
    ...into,
    'unshare',
    '--mount',
    ...(network === undefined ? ['--net'] : []),
  ];
  const holder = spawn(program, [...words, 'sh', '-c', ready], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  const as = user === undefined ? '' : `setpriv --reuid ${user.uid} --regid ${user.gid} --clear-groups`;
  for (const part of ['bin', 'home', 'run', 'graph']) mkdirSync(join(folder, part));
  chmodSync(join(folder, 'run'), 0o700);
  const wrapper = `#!/bin/sh\nexec nsenter --target ${holder.pid} --mount --net ${as} /usr/bin/podman "$@"\n`;
  writeFileSync(join(folder, 'bin/podman'), wrapper, { mode: 0o755 });
  writeFileSync(join(folder, 'containers.conf'), settings);
  const storage = `graphroot = "${folder}/graph"\nrootless_storage_path = "${folder}/graph"\nrunroot = "${folder}/run"\n`;
  writeFileSync(join(folder, 'storage.conf'), `[storage]\ndriver = "vfs"\n${storage}`);
  if (user !== undefined) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, folder]);
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}`,
    HOME: join(folder, 'home'),
    XDG_RUNTIME_DIR: join(folder, 'run'),
    CONTAINERS_CONF: join(folder, 'containers.conf'),
    CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
  };
  const run = (...args: readonly string[]): string =>
    execFileSync(join(folder, 'bin/podman'), args, { env, cwd: '/', encoding: 'utf8', stdio: 'pipe' });
  return {
    env,
    run,
    async dispose() {
      spawnSync(join(folder, 'bin/podman'), ['system', 'reset', '--force'], { env, cwd: '/' });
      holder.stdin.end();
      if (holder.exitCode === null) await once(holder, 'exit');
    },
  };
}

/**
 * Makes an image of programs of this computer, with the libraries that they need, and of files by path; `/bin/sh` is one of them.
 * Returns why podman starts no container of it here (a machine may forbid it), and prints that; null where it does.
 */
export function importImage(
  podman: Podman,
  name: string,
  folder: string,
  {
    programs,
    files,
  }: { readonly programs: readonly string[]; readonly files: Readonly<Record<string, string>> },
): string | null {
  const root = join(folder, 'rootfs');
  const place = (file: string): string => {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    return join(root, file);
  };
  for (const program of programs) {
    const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
    for (const file of [program, ...(stdout.match(/\/\S+/g) ?? [])])
      if (!existsSync(join(root, file))) copyFileSync(file, place(file));
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(place(file), text, { mode: 0o755 });
  const archive = join(folder, `${name}.tar`);
  execFileSync('tar', ['-C', root, '-cf', archive, '.']);
  try {
    podman.run('import', archive, name);
    podman.run('run', '--rm', '--publish', '127.0.0.1:18999:18999', name, '/bin/sh', '-c', 'exit 0');
    return null;
  } catch (error) {
    const why = String(error).trim().split('\n').at(-1);
    console.log(`skipped: a real podman: ${why}`);
    return `podman starts nothing here: ${why}`;
  }
}
