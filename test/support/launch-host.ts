/** A real sshd with tmux, a stand-in nvidia-smi with four GPUs and the stand-in vllm in the PATH of the login shell. */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Folder, temporaryFolder } from './folder.ts';
import { type Sshd, startSshd } from './ssh/sshd.ts';

const exec = promisify(execFile);

/** The file `busy` in the home folder names the GPUs with a process; with `smi-fails` it does not say which these are. */
const nvidiaSmi = `#!/bin/sh
case $1 in
--query-gpu=*)
  echo 'index, uuid, name, utilization.gpu [%], memory.used [MiB], memory.total [MiB], temperature.gpu, power.draw [W], driver_version, mig.mode.current'
  for n in 0 1 2 3; do
    used=4; util=0
    if grep -qx "GPU-$n" "$HOME/busy" 2>/dev/null; then used=70000; util=97; fi
    echo "$n, GPU-$n, NVIDIA H100 80GB HBM3, $util, $used, 81559, 33, 74.01, 550.54.15, Disabled"
  done ;;
--query-compute-apps=gpu_uuid)
  [ ! -f "$HOME/smi-fails" ] || exit 9
  cat "$HOME/busy" 2>/dev/null ;;
--query-compute-apps=*)
  echo 'gpu_uuid, pid, process_name, used_gpu_memory [MiB]'
  for uuid in $(cat "$HOME/busy" 2>/dev/null); do echo "$uuid, 1, /usr/bin/python3, 69000"; done ;;
*) exit 2 ;;
esac
exit 0
`;

export interface LaunchHost {
  readonly sshd: Sshd;
  /** Its home folder. */
  readonly home: string;
  readonly configPath: string;
  /** What `tmux` of the host answers; empty where it fails. */
  tmux(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** `tmux: false`: a host without it. */
export async function startLaunchHost({ tmux = true } = {}): Promise<LaunchHost> {
  const folder: Folder = await temporaryFolder();
  const home = folder.path;
  const bin = join(home, 'bin');
  await mkdir(bin);
  const program = async (name: string, text: string): Promise<void> => {
    await writeFile(join(bin, name), text);
    await chmod(join(bin, name), 0o755);
  };
  await program('nvidia-smi', nvidiaSmi);
  await program(
    'vllm',
    `#!/bin/sh\nexec '${process.execPath}' '${resolve('test/support/stand-in-vllm.mjs')}' "$@"\n`,
  );
  if (!tmux) await symlink('/bin/false', join(bin, 'tmux'));
  // A login shell sets its own PATH first, as on a host where it comes from the system's profile.
  for (const profile of ['.profile', '.bash_profile', '.zprofile'])
    await folder.write(profile, `echo 'Welcome to the host'\nPATH=${bin}:$PATH\nexport PATH\n`);
  const env = { HOME: home, TMUX_TMPDIR: home, PATH: `${bin}:/usr/local/bin:/usr/bin:/bin` };
  const sshd = await startSshd({ env });
  const ask = (...args: readonly string[]): Promise<string> =>
    exec('tmux', [...args], { env: { ...process.env, TMUX: '', TMUX_TMPDIR: home } }).then(
      ({ stdout }) => stdout,
      () => '',
    );
  return {
    sshd,
    home,
    configPath: await sshd.configPath(sshd.dir),
    tmux: ask,
    async stop() {
      await ask('kill-server');
      await sshd.stop();
      await folder.remove();
    },
  };
}

/**
 * A port of 127.0.0.1 on which nothing listens, below those that the system gives to outgoing connections: one of these may be
 * taken by any connection before it is used.
 */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
