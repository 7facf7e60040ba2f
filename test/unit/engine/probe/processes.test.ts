import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinProcesses, parseAge, parsePs, programName } from '#engine/probe/processes.ts';
import { parseGpuApps, parseGpus } from '#engine/probe/tools/nvidia-smi.ts';
import { runs } from '../../../support/runs.ts';

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

test.each([
  ['05:09', 309, 1],
  ['01:02:03', 3723, 1],
  ['1-02:03:04', 93_784, 1],
  ['400-00:00:00', 34_560_000, 1],
  // busybox
  ['5:23', 323, 1],
  ['3h12', 11_520, 60],
  ['1d02', 93_600, 3600],
  ['400d', 34_560_000, 86_400],
])('the age %s', (etime, seconds, step) => {
  expect(parsePs(`    7 bob      ${etime} python train.py\n`).get(7)).toEqual({
    user: 'bob',
    age: { seconds, step },
    args: 'python train.py',
  });
});

test('a ps that knows no ages, or not this one', () => {
  const text =
    'PID   USER     COMMAND\n    1 root     init\n    7 bob      python train.py\n   8 eve - x y\n';
  expect([...parsePs(text)]).toEqual([
    [1, { user: 'root', age: null, args: 'init' }],
    [7, { user: 'bob', age: null, args: 'python train.py' }],
    [8, { user: 'eve', age: null, args: 'x y' }],
  ]);
});

describe('the owner of a process', () => {
  test.each([
    ['   4242 CORP\\anna schmidt                 1-02:03:04 /usr/bin/python3 train.py', 'CORP\\anna schmidt'],
    ['   4242 anna von der schmidt 05:09 python 12:30 -', 'anna von der schmidt'],
    [
      '   4242 first.last-of-a-long-name@sub.department.example.org 05:09 python',
      'first.last-of-a-long-name@sub.department.example.org',
    ],
    ['   4242 anna m\u00fcller     05:09 python', 'anna m\u00fcller'],
  ])('%j is %j', (line, user) => {
    expect(parsePs(line).get(4242)?.user).toBe(user);
  });

  test('a number that ps prints in place of a name that is too long for it', () => {
    const users =
      'a-name-of-more-than-thirty-two-letters@example.org:x:70002:70002::/home/a:/bin/sh\nbob:x:7:7::/:/bin/sh\n';
    const text =
      ' 1 70002 05:09 python\n 2 4711 05:09 python\n 3 a-name-of-more-than-thirty+ 05:09 python\n 4 bob+ 05:09 x\n';
    expect([...parsePs(text, users).values()].map(({ user }) => user)).toEqual([
      'a-name-of-more-than-thirty-two-letters@example.org',
      '4711',
      'a-name-of-more-than-thirty-two-letters@example.org',
      'bob',
    ]);
  });

  test('busybox cuts it to its column, blanks and all; what it runs is not taken for a part of it', () => {
    const text = 'PID   USER     COMMAND\n    7 anna sch python 05:09 x\n123456 bob      python 05:09 x\n';
    expect([...parsePs(text)].map(([pid, { user, args }]) => [pid, user, args])).toEqual([
      [7, 'anna sch', 'python 05:09 x'],
      [123_456, 'bob', 'python 05:09 x'],
    ]);
  });

  test('any user, age and command line, as ps lays them out', () => {
    const word = fc.stringMatching(/^[\w.@\\$-]{0,11}[a-z]$/);
    const user = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));
    const age = fc.constantFrom('00:00', '59:59', '01:02:03', '1-02:03:04', '400-00:00:00');
    const args = fc.array(fc.stringMatching(/^[!-~]{1,20}$/), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_194_304 }), user, age, args, (pid, name, etime, words) => {
        const line = `${String(pid).padStart(7)} ${name.padEnd(64)} ${etime.padStart(11)} ${words.join(' ')}`;
        expect(parsePs(line).get(pid)).toEqual({ user: name, age: parseAge(etime), args: words.join(' ') });
      }),
      { ...runs(100), examples: [[1, 'a 1d a', '00:00', ['!']]] },
    );
  });
});

describe('what a GPU tool says of a process', () => {
  const one = parseGpus('index, uuid\n0, GPU-a\n', 0).gpus;
  const named = (name: string, args?: string) =>
    joinProcesses(one, [{ uuid: 'GPU-a', pid: 7, name, memUsedMiB: 1 }], {
      processes: new Map(args === undefined ? [] : [[7, { user: 'bob', age: null, args }]]),
      now,
      before: [],
    })[0]?.processes[0]?.command;

  test.each([
    ['/opt/My Tools/bin/trainer', 'trainer'],
    ['/opt/My Tools/bin/My Trainer', 'My Trainer'],
    ['/opt/My Tools/bin/trainer --token s3cret', 'trainer'],
    ['/opt/My Tools/bin/trainer /data/set', 'trainer'],
    ['C:\\Program Files\\Some Company\\render.exe', 'render.exe'],
    ['C:\\Program Files\\Some Company\\My Render.exe --key s3cret', 'My Render.exe'],
    ['\\\\server\\My Share\\render.exe', 'render.exe'],
    ['/usr/bin/python3', 'python3'],
    ['/usr/bin/python3 /home/u/train.py --token s3cret', 'python3 train.py'],
    ['VLLM::EngineCore', 'VLLM::EngineCore'],
    ['[Insufficient Permissions]', 'unknown'],
    ['python3', 'python3'],
    ['-', '-'],
  ])('%j where ps knows nothing is %j', (name, expected) => {
    expect(named(parseGpuApps(`GPU-a, 7, ${name}, 1\n`)[0]?.name ?? '')).toBe(expected);
  });

  test('any path with blanks: the program, and no word of its arguments', () => {
    const word = fc.stringMatching(/^[A-Z][\w.+]{0,11}$/);
    const folder = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
    const folders = fc.array(folder, { minLength: 1, maxLength: 5 });
    const args = fc.array(fc.stringMatching(/^--?[a-z]{1,9}[= ]s3cret$/), { maxLength: 3 });
    fc.assert(
      fc.property(folders, word, args, fc.boolean(), (path, program, options, windows) => {
        const [start, slash, end] = windows ? ['C:', '\\', '.exe'] : ['', '/', ''];
        const full = [start, ...path, `${program}${end}`].join(slash);
        expect(named([full, ...options].join(' '))).toBe(`${program}${end}`);
        // Where ps has the command line, a name with blanks is read by the path that the tool names.
        expect(named(full, [full, ...options].join(' '))).not.toContain('s3cret');
      }),
    );
  });

  test('it knows where a program name with blanks ends', () => {
    expect(named('/opt/My Tools/bin/trainer', '/opt/My Tools/bin/trainer --token s3cret')).toBe('trainer');
    expect(named('/opt/My Tools/bin/trainer', '/opt/My Tools/bin/trainers x')).toBe('My');
    expect(named('/usr/bin/python3', '/usr/bin/python3 /home/u/train.py')).toBe('python3 train.py');
    expect(named('trainer', 'VLLM::EngineCore')).toBe('VLLM::EngineCore');
  });

  test('without a UUID, on either side, it is on the only GPU there is', () => {
    const join = (gpus: typeof one, rows: string) =>
      joinProcesses(gpus, parseGpuApps(rows), { processes: new Map(), now, before: [] }).map(
        ({ processes }) => processes.map(({ pid }) => pid),
      );
    const unnamed = parseGpus('index, uuid\n0, [N/A]\n', 0).gpus;
    expect(join(one, '[N/A], 7, x, 1\n, 8, y, 1\nGPU-gone, 9, z, 1')).toEqual([[7, 8]]);
    expect(join(unnamed, '[N/A], 7, x, 1\nGPU-a, 8, y, 1')).toEqual([[7, 8]]);
    const two = parseGpus('index, uuid\n0, [N/A]\n1, [N/A]\n', 0).gpus;
    expect(join(two, '[N/A], 7, x, 1')).toEqual([[], []]);
  });
});

describe('the start of a process', () => {
  const { gpus } = parseGpus('index, uuid\n0, GPU-a\n', 0);
  const start = (etime: string, at: number, before: typeof gpus = []) =>
    joinProcesses(gpus, parseGpuApps('GPU-a, 7, python, 1\n'), {
      processes: parsePs(`7 bob ${etime} python train.py`),
      now: at,
      before,
    });
  const startedAt = (joined: typeof gpus) => joined[0]?.processes[0]?.startedAt;

  test('stays while its age agrees with it, however long', () => {
    let joined = start('10:00', now);
    for (let second = 0; second < 60; second += 1)
      joined = start(`10:${String(second).padStart(2, '0')}`, now + second * 1000 + 900, joined);
    expect(startedAt(joined)).toBe(now - 600_000);
  });

  test('is another one where the process id was given out again', () => {
    const joined = start('10:00', now);
    expect(startedAt(start('00:02', now + 5000, joined))).toBe(now + 3000);
    expect(startedAt(start('10:08', now + 4000, joined))).toBe(now - 604_000);
  });

  test('stays as exact as it was known once busybox counts in minutes and hours', () => {
    const joined = start('59:59', now);
    const known = now - 3_599_000;
    const hour = start('1h05', now + 359_000, joined);
    expect(startedAt(hour)).toBe(known);
    expect(startedAt(start('1d02', now + 97_000_000 - 3_599_000, hour))).toBe(known);
    expect(startedAt(start('1h05', now + 359_000))).toBe(now + 359_000 - 3_900_000);
  });
});

test.each([
  ['/usr/bin/python3 train.py --token s3cret', 'python3 train.py'],
  ['python -u -W ignore /home/u/run/train.py', 'python train.py'],
  ['python3.11 -c import os; key="s3cret"', 'python3.11 -c'],
  ['bash -lc export KEY=s3cret', 'bash -lc'],
  ['python3 -cimport os; key="s3cret"', 'python3 -c'],
  ['node --eval key="s3cret" more', 'node --eval'],
  ['java -cp lib.jar Main', 'java lib.jar'],
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
