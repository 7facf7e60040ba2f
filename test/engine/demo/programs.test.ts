import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoHosts } from '../../../main/demo/catalogue.ts';
import { createHostHome, type HostHome } from '../../../main/demo/host-home.ts';
import { stateFiles } from '../../../main/demo/state-files.ts';
import { createWorld, type HostTruth } from '../../../main/demo/world.ts';

const world = createWorld(demoHosts, 1);
const homes = new Map<string, { readonly home: HostHome; readonly truth: HostTruth }>();
let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'demo-programs-'));
  for (const truth of world.hosts) {
    const home = await createHostHome(join(directory, truth.spec.alias), truth.spec.gpu !== null);
    await home.write(stateFiles(truth, Date.now()));
    homes.set(truth.spec.alias, { home, truth });
  }
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const hostOf = (alias: string) => {
  const host = homes.get(alias);
  if (host === undefined) throw new Error(`no host ${alias}`);
  return host;
};

const sh = (
  alias: string,
  command: string,
): Promise<{ readonly lines: readonly string[]; readonly code: number }> =>
  new Promise((resolve) => {
    const { env, cwd } = hostOf(alias).home;
    const child = execFile('/bin/sh', ['-c', command], { env, cwd }, (_error, stdout) =>
      resolve({ lines: stdout.split('\n').slice(0, -1), code: child.exitCode ?? -1 }),
    );
  });

describe('the stand-in nvidia-smi', () => {
  test('prints the columns asked for, in that order, with real headers and units', async () => {
    const { truth } = hostOf('h100-01');
    const gpu = truth.gpus()[4];
    const { lines, code } = await sh(
      'h100-01',
      'nvidia-smi --query-gpu=memory.used,index,utilization.gpu,name,uuid,memory.total --format=csv',
    );
    expect(code).toBe(0);
    expect(lines[0]).toBe('memory.used [MiB], index, utilization.gpu [%], name, uuid, memory.total [MiB]');
    expect(lines).toHaveLength(9);
    expect(lines[5]).toBe(
      `${gpu?.memUsedMiB} MiB, 4, ${gpu?.utilPct} %, NVIDIA H100 80GB HBM3, ${gpu?.uuid}, 81559 MiB`,
    );
  });

  test('leaves header and units out when told to, and takes the other names of columns', async () => {
    const { lines } = await sh(
      'h100-01',
      'nvidia-smi --query-gpu=gpu_name,index,clocks.sm,temperature.gpu --format=csv,noheader,nounits',
    );
    expect(lines).toHaveLength(8);
    expect(lines[7]).toMatch(/^NVIDIA H100 80GB HBM3, 7, 345, \d+$/);
    const named = await sh('h100-01', 'nvidia-smi --query-gpu=gpu_name,clocks.sm --format=csv,nounits');
    expect(named.lines[0]).toBe('name, clocks.current.sm [MHz]');
  });

  test('names an unknown column as the real one does', async () => {
    const { lines, code } = await sh('h100-01', 'nvidia-smi --query-gpu=index,cuda_version --format=csv');
    expect(lines).toEqual(['Field "cuda_version" is not a valid field to query.', '']);
    expect(code).toBe(2);
  });

  test('tells of a GPU in error, of MIG, and of no processes', async () => {
    const broken = await sh(
      'a100-train-1',
      'nvidia-smi --query-gpu=index,utilization.gpu,temperature.gpu,memory.used --format=csv,noheader',
    );
    expect(broken.lines[5]).toBe('5, [GPU requires reset], [GPU requires reset], 7 MiB');
    const mig = await sh(
      'a100-mig',
      'nvidia-smi --query-gpu=index,utilization.gpu,mig.mode.current --format=csv,noheader',
    );
    expect(mig.lines).toEqual(['0, [N/A], Enabled', '1, [N/A], Enabled']);
    const list = await sh('a100-mig', 'nvidia-smi -L');
    expect(list.lines[0]).toMatch(/^GPU 0: NVIDIA A100-SXM4-80GB \(UUID: GPU-[0-9a-f-]{36}\)$/);
    expect(list.lines[1]).toMatch(/^ {2}MIG 3g\.40gb {5}Device {2}0: \(UUID: MIG-[0-9a-f-]{36}\)$/);
  });

  test('lists the processes on the GPUs, which ps knows too', async () => {
    const apps = await sh(
      'l40s-dev',
      'nvidia-smi --query-compute-apps=gpu_uuid,pid,process_name,used_memory --format=csv',
    );
    expect(apps.lines[0]).toBe('gpu_uuid, pid, process_name, used_gpu_memory [MiB]');
    const worker = apps.lines[1]?.split(', ') ?? [];
    expect(worker[0]).toBe(hostOf('l40s-dev').truth.gpus()[0]?.uuid);
    expect(worker[2]).toBe('VLLM::Worker_TP0');
    const ps = await sh('l40s-dev', `ps -o pid= -o user:32= -o args= -p ${worker[1]},1`);
    expect(ps.lines.map((line) => line.trim().split(/ +/))).toEqual([
      [worker[1], 'emil', 'VLLM::Worker_TP0'],
    ]);
  });

  test('prints a table, and refuses what it does not know', async () => {
    const { lines, code } = await sh('a100-train-1', 'nvidia-smi');
    expect(code).toBe(0);
    expect(new Set(lines.map((line) => line.length))).toEqual(new Set([91]));
    expect(lines.join('\n')).toContain('ERR!');
    expect(await sh('h100-01', 'nvidia-smi --no-such-flag')).toMatchObject({ code: 2 });
  });

  test('is missing, or finds no device, where there is no GPU', async () => {
    const { code } = await sh('cpu-build', 'nvidia-smi');
    expect([6, 127]).toContain(code);
  });

  const real = fileURLToPath(
    new URL(
      '../../../../shared/fixtures/nvidia/query_all-columns_header-units_h100_load.csv',
      import.meta.url,
    ),
  );
  test.skipIf(!existsSync(real))(
    'has only columns that a real one has too (needs the shared fixtures)',
    async () => {
      const titles = (text: string) => text.split('\n')[0]?.split(/, |\|/) ?? [];
      const known = titles(await readFile(real, 'utf8'));
      const own = titles(await readFile(join(directory, 'h100-01', 'state', 'gpus'), 'utf8'));
      expect(own.length).toBeGreaterThan(30);
      expect(own.filter((title) => !known.includes(title))).toEqual([]);
    },
  );
});

describe('the stand-in ss', () => {
  test('lists the listening ports of its own host with their owners', async () => {
    const { lines } = await sh('h100-03', 'ss -H -ltnp');
    const serving = lines.filter((line) => line.includes('"vllm"')).map((line) => line.trim().split(/\s+/));
    expect(serving.map((fields) => fields.slice(0, 1).concat(fields.slice(3, 5)))).toEqual([
      ['LISTEN', '0.0.0.0:8000', '0.0.0.0:*'],
      ['LISTEN', '0.0.0.0:8001', '0.0.0.0:*'],
    ]);
    expect(serving[0]?.[5]).toMatch(/^users:\(\("vllm",pid=\d+,fd=\d+\)\)$/);
    expect(lines.some((line) => line.includes('0.0.0.0:22'))).toBe(true);
  });

  test('has a header, hides owners without -p and shows the family with -u', async () => {
    const plain = await sh('gh200', 'ss -ltn');
    expect(plain.lines[0]).toMatch(/^State +Recv-Q +Send-Q +Local Address:Port +Peer Address:Port *$/);
    expect(plain.lines.join()).not.toContain('users:');
    expect(plain.lines.at(-1)).toMatch(/ \[::\]:8000 +\[::\]:\*$/);
    const family = await sh('gh200', 'ss -Htuln');
    expect(family.lines.every((line) => /^tcp +LISTEN /.test(line))).toBe(true);
  });
});

describe('the stand-in ps', () => {
  test.each([
    ['ps -eo pid,user,etimes,args', /^ *PID USER +ETIMES ARGS$/],
    ['ps -wwo pid,comm -e', /^ *PID COMM$/],
    ['ps axo user,pid,command', /^USER +PID COMMAND$/],
  ])('understands %s', async (command, header) => {
    const { lines, code } = await sh('rtx-lab', command);
    expect(code).toBe(0);
    expect(lines[0]).toMatch(header);
    expect(lines).toHaveLength(1 + hostOf('rtx-lab').truth.processes().length);
  });

  test('answers for one process in every way of asking, and fails for an unknown one', async () => {
    const pid = hostOf('rtx-lab').truth.processes()[1]?.pid ?? 0;
    for (const which of [
      `-p ${pid}`,
      `-p${pid}`,
      `--pid ${pid}`,
      `--pid=${pid}`,
      `-p 1,${pid}`,
      `-p "1 ${pid}"`,
    ])
      expect(await sh('rtx-lab', `ps -o user= -o comm= ${which}`)).toEqual({
        lines: ['fatima   VLLM::EngineCore'],
        code: 0,
      });
    expect(await sh('rtx-lab', 'ps -o pid= -p 1')).toEqual({ lines: [], code: 1 });
  });
});
