import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openProbe, type Probe } from '#engine/probe/probe.ts';
import {
  createLocalTransport,
  type LocalTransport,
  type LocalTransportOptions,
} from '../../support/local-transport.ts';
import { tcpServer } from '../../support/model-servers.ts';
import { hanging, standIns, twoGpus } from '../../support/stand-ins.ts';

interface Opened {
  readonly probe: Probe;
  readonly transport: LocalTransport;
}

async function open(options: LocalTransportOptions, timeoutMs = 10_000): Promise<Opened> {
  const transport = createLocalTransport(options);
  const probe = await openProbe(transport, { timeoutMs });
  onTestFinished(async () => {
    probe.close();
    await transport.exited();
  });
  return { probe, transport };
}

/** The shells that may stand behind /bin/sh; each runs in place of the login shell. */
const shells: readonly (readonly [name: string, loginShell: readonly [string, ...string[]]])[] = [
  ['the /bin/sh of this machine', ['/bin/sh']],
  ['bash as sh', ['bash', '-c', 'exec -a sh bash']],
  ['busybox sh', ['busybox', 'sh', '-c', 'exec busybox sh']],
];

describe.each(shells)('with %s', (_name, loginShell) => {
  const missing = spawnSync(loginShell[0], ['-c', 'true']).error !== undefined;
  const title = missing ? ` (skipped: ${loginShell[0]} is not installed)` : '';

  test.skipIf(missing)(`GPUs and who is on them, again and again${title}`, async () => {
    const tool = standIns({ 'nvidia-smi': twoGpus });
    const app = spawn('sleep', ['600']);
    onTestFinished(() => void app.kill());
    const { probe } = await open({ loginShell, env: { ...tool.env, APP: String(app.pid) } });
    for (let sample = 0; sample < 3; sample += 1) {
      const { gpus, driverVersion, failure } = await probe.gpus({ processes: true });
      expect(failure).toBeNull();
      expect(driverVersion).toBe('550.54.15');
      expect(gpus.map((gpu) => [gpu.index, gpu.utilPct, gpu.memUsedMiB])).toEqual([
        [0, 97, 70_000],
        [1, 0, 4],
      ]);
      expect(gpus.map((gpu) => gpu.processes)).toEqual([
        [
          {
            pid: app.pid,
            user: userInfo().username,
            startedAt: expect.toSatisfy((at: number) => Math.abs(Date.now() - at) < 60_000),
            command: 'sleep',
            memUsedMiB: 69_000,
          },
        ],
        [],
      ]);
    }
  });

  test.skipIf(missing)(`a hanging nvidia-smi is killed and the shell goes on${title}`, async () => {
    const tool = standIns({ 'nvidia-smi': hanging });
    const { probe, transport } = await open({ loginShell, env: tool.env }, 600);
    expect((await probe.gpus({ processes: true })).failure).toMatchObject({
      code: 'gpu-tool-hung',
      detail: 'killed after 600 ms',
    });
    await tool.hangingGone();
    const port = await tcpServer((socket) => socket.end());
    expect((await probe.ports()).map((one) => one.port)).toContain(port);
    tool.write('nvidia-smi', twoGpus);
    expect(await probe.gpus({ processes: true })).toMatchObject({
      failure: null,
      gpus: [{ index: 0 }, { index: 1 }],
    });
    expect(transport.children).toHaveLength(1);
  });

  test.skipIf(missing)(`nothing is left after the end, even of a hanging nvidia-smi${title}`, async () => {
    const tool = standIns({ 'nvidia-smi': hanging });
    const { probe, transport } = await open({ loginShell, env: tool.env });
    const answer = probe.gpus({ processes: true }).catch((error: unknown) => error);
    await vi.waitFor(() => expect(existsSync(join(tool.directory, 'hanging'))).toBe(true));
    expect(tool.leftovers()).toHaveLength(1);
    probe.close();
    expect(await answer).toMatchObject({ code: 'cancelled' });
    await transport.exited();
    expect(tool.leftovers()).toEqual([]);
    await tool.hangingGone();
  });

  test.skipIf(missing)(`listening ports, with their process${title}`, async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const { probe } = await open({ loginShell });
    const listed = (await probe.ports()).find((entry) => entry.port === port);
    expect(listed).toMatchObject({ address: '127.0.0.1', pid: process.pid });

    const withoutSs = await open({ loginShell, env: standIns({ ss: 'exit 1' }).env });
    const plain = (await withoutSs.probe.ports()).find((entry) => entry.port === port);
    expect(plain).toEqual({ port, address: '127.0.0.1', alternatives: [], process: null, pid: null });
  });
});

test('an ss that knows no -H', async () => {
  const tool = standIns({
    ss: '[ "$1" = -H ] && { echo "ss: invalid option -- H"; exit 255; }\necho "LISTEN 0 5 *:8000 *:*"',
  });
  const { probe } = await open({ env: tool.env });
  expect(await probe.ports()).toMatchObject([{ port: 8000, address: '127.0.0.1', alternatives: ['::1'] }]);
});

const realTool = spawnSync('sh', [
  '-c',
  'PATH=$PATH:/usr/local/cuda/bin:/usr/lib/wsl/lib; command -v nvidia-smi',
]);
test.skipIf(realTool.status === 0)(
  'a host without nvidia-smi says so and still lists its ports (needs a machine without one)',
  async () => {
    const { probe } = await open({ env: standIns({ ss: 'echo "LISTEN 0 5 *:8000 *:*"' }).env });
    expect(await probe.gpus({ processes: true })).toMatchObject({
      gpus: [],
      failure: { code: 'no-gpu-tool' },
    });
    expect(await probe.ports()).toHaveLength(1);
  },
);

test.each([
  ["echo 'No devices were found'; exit 6", 'no-gpu-devices', ''],
  [
    "echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18",
    'gpu-tool-failed',
    'mismatch',
  ],
  ['exit 127', 'no-gpu-tool', ''],
])('nvidia-smi that does %j: %s', async (script, code, detail) => {
  const { probe } = await open({ env: standIns({ 'nvidia-smi': script }).env });
  const answer = await probe.gpus({ processes: true });
  expect(answer.gpus).toEqual([]);
  expect(answer.failure?.code).toBe(code);
  expect(answer.failure?.detail).toContain(detail);
});

test('columns that the driver does not know are left out, and not asked for again', async () => {
  const tool = standIns({
    'nvidia-smi': `echo "$1" >>"$HERE/asked"
for column in mig.mode.current power.draw; do
  case $1 in --query-gpu=*$column*) printf 'Field "%s" is not a valid field to query.\\n\\n' $column; exit 2 ;; esac
done
case $1 in --query-gpu=*)
  echo 'index, uuid, name, utilization.gpu [%], memory.used [MiB], memory.total [MiB], temperature.gpu, driver_version'
  echo '0, GPU-a, Tesla K80, 3, 5, 11441, 40, 418.87.01' ;;
esac`,
  });
  const { probe } = await open({ env: tool.env });
  for (let sample = 0; sample < 2; sample += 1)
    expect((await probe.gpus({ processes: true })).gpus).toMatchObject([
      { name: 'Tesla K80', utilPct: 3, powerW: null },
    ]);
  const asked = readFileSync(join(tool.directory, 'asked'), 'utf8').trim().split('\n');
  const queries = asked.filter((line) => line.includes('query-gpu'));
  expect(queries.map((line) => [line.includes('mig.'), line.includes('power.draw')])).toEqual([
    [true, true],
    [false, true],
    [false, false],
    [false, false],
  ]);
});

test('while an earlier nvidia-smi will not die, no second one is started; it is looked at every time', async () => {
  const tool = standIns({ 'nvidia-smi': `echo run >>"$HERE/runs"\n${twoGpus}` });
  const { probe } = await open({ env: tool.env });
  const runs = () => readFileSync(join(tool.directory, 'runs'), 'utf8').split('\n').length;
  expect((await probe.gpus({ processes: true })).failure).toBeNull();
  const before = runs();
  // Nothing in user space survives SIGKILL, so a live process takes the place of one that did.
  const survivor = spawn('sleep', ['600']);
  const [own] = tool.leftovers();
  writeFileSync(join(String(tool.env.TMPDIR), own ?? '', 'stuck.gpus'), `${survivor.pid} (sleep)\n`);
  for (let sample = 0; sample < 2; sample += 1)
    expect((await probe.gpus({ processes: true })).failure).toMatchObject({
      code: 'gpu-tool-hung',
      detail: `process ${survivor.pid} cannot be killed`,
    });
  expect(runs()).toBe(before);
  survivor.kill();
  await once(survivor, 'close');
  expect((await probe.gpus({ processes: true })).failure).toBeNull();
});

test('the directory for outputs is private', async () => {
  const tool = standIns({ 'nvidia-smi': 'ls -ld . >"$HERE/listing"' });
  const { probe } = await open({ env: tool.env });
  await probe.gpus({ processes: true });
  expect(readFileSync(join(tool.directory, 'listing'), 'utf8')).toMatch(/^drwx------/);
  expect(readdirSync(String(tool.env.TMPDIR))[0]).toMatch(/^vllm-tray-[0-9a-f]{20}$/);
});
