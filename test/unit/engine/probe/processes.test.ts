import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseGpus } from '#engine/probe/nvidia.ts';
import { joinProcesses, parseGpuApps, parsePs, programName } from '#engine/probe/processes.ts';
import { describeFixtures } from './fixtures.ts';

const apps = `gpu_uuid, pid, process_name, used_gpu_memory [MiB]
GPU-a, 4242, /usr/bin/python3, 71234
GPU-b, 4243, [Not Found], [N/A]
GPU-a, 17, /opt/a, b/tool, 5
GPU-gone, 18, x, 1
`;
const now = 1_800_000_000_000;
const ps = `   4242 alice    1-02:03:04 /usr/bin/python3 -m vllm.entrypoints.openai.api_server --api-key sk-secret
     17 a.very.long.user.name+      05:09 VLLM::EngineCore
`;

test('processes are joined to their GPU, user and program', () => {
  const { gpus } = parseGpus('index, uuid, name\n0, GPU-a, A\n1, GPU-b, B\n2, GPU-c, C\n', 0);
  const joined = joinProcesses(gpus, parseGpuApps(apps), { processes: parsePs(ps), now, before: [] });
  const later = { processes: parsePs(ps), now: now + 2500, before: joined };
  expect(joinProcesses(gpus, parseGpuApps(apps), later)).toEqual(joined);
  expect(joined.map((gpu) => gpu.processes)).toEqual([
    [
      {
        pid: 4242,
        user: 'alice',
        startedAt: now - 93_784_000,
        command: 'python3 -m vllm.entrypoints.openai.api_server',
        memUsedMiB: 71_234,
      },
      {
        pid: 17,
        user: 'a.very.long.user.name+',
        startedAt: now - 309_000,
        command: 'VLLM::EngineCore',
        memUsedMiB: 5,
      },
    ],
    [{ pid: 4243, user: null, startedAt: null, command: 'unknown', memUsedMiB: null }],
    [],
  ]);
});

test("busybox's ps with its header", () => {
  expect([
    ...parsePs(
      'PID   USER     ELAPSED COMMAND\n    1 root     3:20 init\n   77 bob      01:02:03 python train.py\n',
    ),
  ]).toEqual([
    [1, { user: 'root', ageS: 200, args: 'init' }],
    [77, { user: 'bob', ageS: 3723, args: 'python train.py' }],
  ]);
});

test.each([
  ['/usr/bin/python3 train.py --token s3cret', 'python3 train.py'],
  ['python -u -W ignore /home/u/run/train.py', 'python train.py'],
  ['python3.11 -c import os; key="s3cret"', 'python3.11 -c'],
  ['bash -lc export KEY=s3cret', 'bash -lc'],
  ['python3', 'python3'],
  ['./gpu_burn 3600', 'gpu_burn'],
  ['/opt/llama.cpp/llama-server --api-key s3cret', 'llama-server'],
  ['ray::RolloutWorker.step()', 'ray::RolloutWorker.step()'],
  ['node /srv/app.js s3cret', 'node app.js'],
  ['[nvidia-smi] <defunct>', '[nvidia-smi]'],
  ['/usr/bin/', '/usr/bin/'],
  ['', ''],
])('the program of %j is %j', (args, expected) => {
  expect(programName(args)).toBe(expected);
});

describe('hostile text', () => {
  test('cut at every byte, and anything at all', () => {
    for (let length = 0; length <= apps.length; length += 1) parseGpuApps(apps.slice(0, length));
    for (let length = 0; length <= ps.length; length += 1) parsePs(ps.slice(0, length));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        parseGpuApps(text);
        parsePs(text);
        expect(programName(text).length).toBeLessThanOrEqual(200);
      }),
    );
  });

  test('10 MB in one line', () => {
    for (const filling of ['x', ' ', '1 ', ',']) {
      const line = filling.repeat(10_000_000 / filling.length);
      parseGpuApps(line);
      parsePs(line);
      expect(programName(line).length).toBeLessThanOrEqual(200);
    }
  });
});

describeFixtures('nvidia', (files) => {
  const lists = files.filter(({ name }) => name.startsWith('compute-apps_'));
  test.each(lists)('$name', ({ name, text }) => {
    const read = parseGpuApps(text);
    expect(read).toHaveLength(text.trim().split('\n').length - (name.includes('noheader') ? 0 : 1));
    for (const app of read) {
      expect(app.pid).toBeGreaterThan(0);
      expect(app.memUsedMiB).toBeGreaterThan(0);
      expect(app.uuid).toMatch(/^GPU-/);
    }
  });
});
