/** Which GPU tool of a host is asked, over the real shell with stand-in programs; and that one more is one adapter. */

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { textOf } from '#engine/probe/frames.ts';
import { openProbe, type Probe } from '#engine/probe/probe.ts';
import { maxOutputBytes } from '#engine/probe/script.ts';
import { noDetails } from '#engine/probe/tools/gpu-reading.ts';
import type { GpuTool } from '#engine/probe/tools/gpu-tool.ts';
import { gpuTools } from '#engine/probe/tools/registry.ts';
import { createLocalTransport } from '../../support/local-transport.ts';
import { type StandIns, standIns, twoGpus } from '../../support/stand-ins.ts';

async function open(tool: StandIns, tools?: readonly GpuTool[], app?: number): Promise<Probe> {
  const transport = createLocalTransport({ env: { ...tool.env, APP: app?.toString() } });
  const probe = await openProbe(transport, { timeoutMs: 30_000, tools });
  onTestFinished(async () => {
    probe.close();
    await transport.exited();
  });
  return probe;
}

/** The first words of all calls of a stand-in that notes them. */
const callsOf = (tool: StandIns, program: string): readonly string[] =>
  existsSync(join(tool.directory, `${program}.calls`))
    ? readFileSync(join(tool.directory, `${program}.calls`), 'utf8')
        .trim()
        .split('\n')
    : [];
const noting = (program: string, script: string): string => `echo "$1" >>"$HERE/${program}.calls"\n${script}`;

const card = JSON.stringify({ card0: { 'GPU use (%)': '97', 'Card Series': 'Instinct MI100' } });
const rocm = `case "$*" in
*--showpids*) printf '{"system": {"PID%s": "gmx_mpi, 1, UNKNOWN, UNKNOWN, UNKNOWN"}}' "$APP" ;;
*) echo '${card}' ;;
esac`;
const amd = (gpu: object): string => `case $1 in
metric) echo '${JSON.stringify({ gpu_data: [gpu] })}' ;;
static) echo '[{"gpu": 0, "asic": {"market_name": "Strix Halo", "target_graphics_version": "gfx1151"}}]' ;;
process) echo '[]' ;;
esac`;

const groups =
  'WARNING: User is missing the following required groups: render, video. Please add user to these groups.';
const trace =
  'Traceback (most recent call last):\n  File "/opt/rocm/bin/amd-smi", line 33, in <module>\n    import errors';

describe('where amd-smi fails and rocm-smi works', () => {
  test.each([
    [groups, groups],
    [`${trace}\nModuleNotFoundError: No module named amdsmi`, 'ModuleNotFoundError: No module named amdsmi'],
    [
      '/opt/rocm/libexec/amdsmi_cli/BDF.py:126: SyntaxWarning: invalid escape sequence\n  error = ""\nDriver not initialized',
      'Driver not initialized',
    ],
  ])('the GPUs of rocm-smi, and why: %j', async (said, reason) => {
    const app = spawn('sleep', ['600']);
    onTestFinished(() => void app.kill());
    const tool = standIns({
      'amd-smi': noting('amd-smi', `cat >&2 <<'SAID'\n${said}\nSAID\nexit 1`),
      'rocm-smi': rocm,
    });
    const probe = await open(tool, undefined, app.pid);
    for (let sample = 0; sample < 3; sample += 1)
      expect(await probe.gpus({ processes: true })).toMatchObject({
        gpus: [
          {
            name: 'Instinct MI100',
            utilPct: 97,
            processes: [{ pid: app.pid, command: 'sleep', user: userInfo().username, memUsedMiB: null }],
          },
        ],
        failure: { code: 'gpu-tool-failed', detail: `amd-smi: ${reason}` },
      });
    // What has failed is not tried again for every sample.
    expect(callsOf(tool, 'amd-smi')).toEqual(['metric']);
  });

  test('and where rocm-smi stops working, amd-smi has its turn again', async () => {
    const tool = standIns({ 'amd-smi': 'echo "ERROR: no driver"; exit 1', 'rocm-smi': rocm });
    const probe = await open(tool);
    expect((await probe.gpus({ processes: false })).gpus).toHaveLength(1);
    tool.write('rocm-smi', 'echo "ERROR: gone"; exit 1');
    tool.write('amd-smi', amd({ gpu: 0, usage: { gfx_activity: { value: 7, unit: '%' } } }));
    expect(await probe.gpus({ processes: false })).toMatchObject({
      gpus: [{ name: 'Strix Halo', utilPct: 7, unifiedMemory: true }],
      failure: null,
    });
  });

  test('where neither works, the reason is that of the first', async () => {
    const failing = (program: string) => noting(program, `echo "ERROR: no driver for ${program}"; exit 1`);
    const tool = standIns({ 'amd-smi': failing('amd-smi'), 'rocm-smi': failing('rocm-smi') });
    const probe = await open(tool);
    for (let sample = 0; sample < 2; sample += 1)
      expect(await probe.gpus({ processes: true })).toMatchObject({
        gpus: [],
        failure: { code: 'gpu-tool-failed', detail: 'amd-smi: ERROR: no driver for amd-smi' },
      });
    rmSync(join(tool.directory, 'rocm-smi'));
    expect((await probe.gpus({ processes: true })).failure?.detail).toBe(
      'amd-smi: ERROR: no driver for amd-smi',
    );
  });
});

test('64 partitions, each with hundreds of lines of measures, are all read', async () => {
  // As amd-smi prints it, indented by four blanks.
  const busy = Array.from({ length: 240 }, () => 'N/A');
  const partition = (gpu: number) => ({
    gpu,
    usage: {
      gfx_activity: { value: gpu, unit: '%' },
      gfx_busy_inst: { xcp_0: busy },
      jpeg_busy: { xcp_0: busy },
    },
  });
  const tool = standIns({ 'amd-smi': 'cat "$HERE/$1.json"' });
  const json = JSON.stringify({ gpu_data: Array.from({ length: 64 }, (_, gpu) => partition(gpu)) }, null, 4);
  writeFileSync(join(tool.directory, 'metric.json'), json);
  expect(json.length).toBeGreaterThan(2 * maxOutputBytes);
  const { gpus } = await (await open(tool)).gpus({ processes: false });
  expect(gpus.map(({ utilPct }) => utilPct)).toEqual(Array.from({ length: 64 }, (_, gpu) => gpu));
});

test('a driver of the other maker that is left over hides no GPU', async () => {
  const tool = standIns({
    'nvidia-smi': noting('nvidia-smi', 'echo "No devices were found"; exit 6'),
    'amd-smi': amd({ gpu: 0 }),
  });
  const probe = await open(tool);
  for (let sample = 0; sample < 2; sample += 1)
    expect(await probe.gpus({ processes: true })).toMatchObject({ gpus: [{ vendor: 'amd' }], failure: null });
  expect(callsOf(tool, 'nvidia-smi')).toHaveLength(1);
});

test('one more tool is one adapter', async () => {
  const xpuSmi: GpuTool = {
    // The vendors are a union in common; for the shell and the readers any will do.
    vendor: 'amd',
    program: 'xpu-smi',
    folders: ['/opt/xpu/bin'],
    part: 'xpu',
    shell: {
      functions: 'stats() { [ -n "$1" ] || set -- 0,5; run xpu xpu-smi dump -m "$1"; }',
      gpus: 'stats "$2"',
      apps: 'run xps xpu-smi ps',
      facts: 'run version xpu-smi --version',
    },
    readTable(frame, { facts }) {
      const gpus = textOf(frame, 'xpu')
        .split('\n')
        .flatMap((line) => {
          const [, index, utilPct] = /^(\d+), (\d+)$/.exec(line) ?? [];
          if (index === undefined) return [];
          return {
            vendor: 'amd' as const,
            index: Number(index),
            uuid: `amd-${index}`,
            name: 'Data Center GPU Max 1550',
            utilPct: Number(utilPct),
            memUsedMiB: null,
            memTotalMiB: null,
            temperatureC: null,
            powerW: null,
            unifiedMemory: false,
            instances: null,
            details: noDetails,
            processes: [],
            problem: null,
          };
        });
      return { gpus, driverVersion: textOf(facts, 'version').trim() || null, failure: null };
    },
    needsFacts: true,
    readOccupants: (frame, gpus) => ({
      apps: [{ uuid: gpus[1]?.uuid ?? '', pid: Number(textOf(frame, 'xps')), name: null, memUsedMiB: 5 }],
      instances: new Map(),
    }),
  };
  const app = spawn('sleep', ['600']);
  onTestFinished(() => void app.kill());
  const script =
    'case "$*" in "dump -m 0,5") printf "0, 3\\n1, 97\\n" ;; ps) echo "$APP" ;; --version) echo 1.2.39 ;; esac';
  const tools = [...gpuTools, xpuSmi];
  const probe = await open(standIns({ 'xpu-smi': script }), tools, app.pid);
  expect(await probe.gpus({ processes: true })).toMatchObject({
    driverVersion: '1.2.39',
    failure: null,
    gpus: [
      { index: 0, utilPct: 3, processes: [] },
      { index: 1, utilPct: 97, processes: [{ pid: app.pid, command: 'sleep', user: userInfo().username }] },
    ],
  });
  // Beside the others it is the last to be asked.
  const both = await open(standIns({ 'xpu-smi': script, 'nvidia-smi': twoGpus }), tools, app.pid);
  expect((await both.gpus({ processes: true })).gpus.map(({ vendor }) => vendor)).toEqual([
    'nvidia',
    'nvidia',
  ]);
});
