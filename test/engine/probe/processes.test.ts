/** Who is on the GPUs, by the real ps of this machine. */

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { GpuProcess } from '#common/hosts.ts';
import { parseKin } from '#engine/probe/kin.ts';
import { openProbe } from '#engine/probe/probe.ts';
import { processFunctions } from '#engine/probe/script-processes.ts';
import { createLocalTransport, type LocalTransportOptions } from '../../support/local-transport.ts';
import { type StandIns, standIns } from '../../support/stand-ins.ts';

/** An nvidia-smi with one GPU, on which the processes of the file `pids` are. */
const oneGpu = `case $1 in
--query-gpu=*) printf 'index, uuid, name\n0, GPU-a, NVIDIA H100\n' ;;
--query-compute-apps=*)
  echo 'gpu_uuid, pid, process_name, used_gpu_memory [MiB]'
  while read -r pid; do echo "GPU-a, $pid, /usr/bin/sleep, 1"; done <"$HERE/pids" ;;
*) exit 2 ;;
esac`;

interface Occupied {
  readonly tool: StandIns;
  readonly pids: readonly number[];
  readonly options?: LocalTransportOptions;
}

async function processesOf({ tool, pids, options }: Occupied): Promise<readonly GpuProcess[]> {
  writeFileSync(join(tool.directory, 'pids'), `${pids.join('\n')}\n`);
  const transport = createLocalTransport({ ...options, env: tool.env });
  const probe = await openProbe(transport, { timeoutMs: 30_000 });
  onTestFinished(async () => {
    probe.close();
    await transport.exited();
  });
  return (await probe.gpus({ processes: true })).gpus[0]?.processes ?? [];
}

/** Process ids of sleeping processes, gone after the test. */
function sleepers(commands: readonly (readonly [file: string, ...args: string[]])[]): readonly number[] {
  return commands.map(([file, ...args]) => {
    const child = spawn(file, args, { stdio: 'ignore' });
    onTestFinished(() => void child.kill());
    return child.pid ?? 0;
  });
}

test('200 processes with 2 kB of arguments each: no owner and no name is lost', async () => {
  const pids = sleepers(
    Array.from({ length: 200 }, () => ['sleep', '600', ...Array<string>(1000).fill('0')]),
  );
  const { username } = userInfo();
  const realPs = spawnSync('sh', ['-c', 'command -v ps']).stdout.toString().trim();
  // Without COLUMNS, which some other ps do not mind, lines are as long as the arguments.
  for (const programs of [{}, { ps: `unset COLUMNS\nexec ${realPs} "$@"` }]) {
    const processes = await processesOf({ tool: standIns({ 'nvidia-smi': oneGpu, ...programs }), pids });
    expect(processes.map(({ pid }) => pid)).toEqual(pids);
    const isUnknown = ({ user, command, startedAt }: GpuProcess): boolean =>
      user !== username || command !== 'sleep' || startedAt === null;
    expect(processes.filter(isUnknown)).toEqual([]);
  }
});

const users = [
  [70_001, 'CORP\\anna schmidt'],
  [70_002, 'firstname.lastname-of-a-long-name@department.university.example.org'],
  [70_003, '4711'],
  [70_004, 'anna m\u00fcller'],
] as const;
const mayMount = spawnSync('unshare', ['-m', 'true']).status === 0 && process.getuid?.() === 0;
const hasUtf8 = spawnSync('locale', ['-a']).stdout?.toString().includes('C.utf8') === true;
if (!mayMount) console.log('skipped: users with odd names need root and a mount namespace');

test.skipIf(!mayMount)('users with blanks, with long names and with a number for a name', async () => {
  const tool = standIns({ 'nvidia-smi': oneGpu });
  const lines = users.map(([uid, name]) => `${name}:x:${uid}:${uid}::/tmp:/bin/sh\n`).join('');
  writeFileSync(
    join(tool.directory, 'passwd'),
    `${readFileSync('/etc/passwd', 'utf8')}${lines}someone-else-with-a-very-long-user-name:x:4711:4711::/tmp:/bin/sh\n`,
  );
  const pids = sleepers(
    users.map(([uid]) => ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', 'sleep', '600']),
  );
  const inNamespace = 'mount --bind "$HERE/passwd" /etc/passwd && exec sh';
  const processes = await processesOf({
    tool,
    pids,
    options: { loginShell: ['unshare', '-m', 'sh', '-c', inNamespace] },
  });
  const expected = users.filter(([, name]) => hasUtf8 || /^[ -~]+$/.test(name));
  expect(processes.slice(0, expected.length).map(({ user, command }) => [user, command])).toEqual(
    expected.map(([, name]) => [name, 'sleep']),
  );
  for (const { startedAt } of processes) expect(Math.abs(Date.now() - (startedAt ?? 0))).toBeLessThan(60_000);
});

const hasBusybox = spawnSync('busybox', ['true']).error === undefined;
if (!hasBusybox) console.log('skipped: the ps of busybox, which is not installed');

test.skipIf(!hasBusybox)("busybox's ps, behind what the dynamic loader says", async () => {
  const loader = 'ERROR: ld.so: object /x.so from LD_PRELOAD cannot be preloaded (failed to map): ignored.';
  const ps = `echo '${loader}' >&2\nexec busybox ps "$@"`;
  const pids = sleepers([['sleep', '600', ...Array<string>(3000).fill('0')]]);
  const processes = await processesOf({ tool: standIns({ 'nvidia-smi': oneGpu, ps }), pids });
  expect(processes).toMatchObject([
    { pid: pids[0], user: userInfo().username.slice(0, 8), command: 'sleep' },
  ]);
});

test('of the cgroups of a process the one that names its container or job', () => {
  const folder = standIns({}).directory;
  const id = 'ab'.repeat(32);
  const groups: Readonly<Record<number, string>> = {
    10: `12:pids:/system.slice/slurmd.service\n11:memory:/slurm/uid_1000/job_77/step_0/task_0\n0::/system.slice/slurmd.service\n`,
    11: `0::/system.slice/slurmstepd.scope/job_78/step_0/user/task_0\n`,
    12: `9:pids:/system.slice/docker.service\n8:devices:/docker/${id}\n`,
    13: `2:cpu:/system.slice/containerd.service\n1:name=systemd:/system.slice/nerdctl-${id}.scope\n`,
    14: `0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${id}.scope\n`,
    15: `0::/system.slice/docker.service\n`,
    16: `5:cpu:/system.slice:cri-containerd:${id}\n`,
  };
  for (const [pid, text] of Object.entries(groups)) {
    mkdirSync(join(folder, pid, 'net'), { recursive: true });
    writeFileSync(join(folder, pid, 'cgroup'), text);
    writeFileSync(join(folder, pid, 'status'), `Name:\tpython3\nPPid:\t1\n`);
  }
  const functions = processFunctions(100_000).replaceAll('/proc/', `${folder}/`);
  const script = `cd '${folder}'\nadd() { :; }\n${functions}\nrelate ${Object.keys(groups).join(',')}\ncat kin`;
  const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  expect([...parseKin(stdout).containers]).toEqual([
    [10, { kind: 'slurm', id: '77' }],
    [11, { kind: 'slurm', id: '78' }],
    [12, { kind: 'docker', id: 'abababababab' }],
    [13, { kind: 'container', id: 'abababababab' }],
    [14, { kind: 'kubernetes', id: 'abababababab' }],
    [16, { kind: 'kubernetes', id: 'abababababab' }],
  ]);
});
