import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';
import { type Fleet, type FleetGpu, type FleetHost, gpuUuid, startFleet } from './fleet.ts';
import { namespacesMissing } from './namespaces.ts';

const missing = namespacesMissing();
if (missing !== null) console.log(`SKIPPED lab: ${missing}`);

const h100 = (utilPct: number, memUsedMiB: number): FleetGpu => ({
  name: 'NVIDIA H100 80GB HBM3',
  utilPct,
  memUsedMiB,
  memTotalMiB: 81_559,
});

/** Every kind of host and of fault, between hosts that work: none of them may harm another. */
const hosts: readonly FleetHost[] = [
  { alias: 'zeta', gpus: [h100(0, 4), h100(97, 71_234)], models: [{ port: 8000, id: 'org/llama' }] },
  { alias: 'down', gpus: [], down: true },
  {
    alias: 'alpha',
    gpus: [h100(100, 80_000)],
    models: [
      { port: 8000, id: 'a' },
      { port: 9123, id: 'b', bind: '0.0.0.0' },
    ],
  },
  { alias: 'no-tool', gpus: null, models: [{ port: 8000, id: 'cpu-model' }] },
  { alias: 'refused-key', gpus: [h100(0, 4)], sshd: ['AllowUsers somebody-else'] },
  { alias: 'unknown-key', gpus: [h100(0, 4)], ssh: ['UserKnownHostsFile /dev/null'] },
  { alias: 'garbage', gpus: [h100(0, 4)], sshd: ['ForceCommand head -c 10000000 /dev/urandom'] },
  { alias: 'silent', gpus: [h100(0, 4)], sshd: ['ForceCommand exec sleep 600'] },
  { alias: 'html', gpus: [h100(3, 500)], htmlPorts: [8000] },
  {
    alias: 'no-forwarding',
    gpus: [h100(0, 4)],
    sshd: ['AllowTcpForwarding no'],
    models: [{ port: 8000, id: 'hidden' }],
  },
  { alias: 'ipv6-model', gpus: [h100(0, 4)], models: [{ port: 8000, id: 'six', bind: '::1' }] },
  {
    alias: 'broken-driver',
    gpus: [],
    nvidiaSmi: '#!/bin/sh\necho "Failed to initialize NVML: Driver/library version mismatch"\nexit 18\n',
  },
  { alias: 'hung-tool', gpus: [], nvidiaSmi: '#!/bin/sh\nexec sleep 600\n' },
  { alias: 'omega', gpus: [h100(0, 600), h100(5, 4), h100(6, 4)] },
];

const idle = (alias: string, gpus: readonly FleetGpu[], flags: readonly boolean[]) =>
  gpus.map((gpu, index) => ({ index, uuid: gpuUuid(alias, index), ...gpu, idle: flags[index] }));

describe.skipIf(missing !== null)('a scan of real sshd hosts', () => {
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = await startFleet(hosts);
  });
  afterAll(async () => {
    await fleet?.stop();
  });

  const command = (...args: string[]) =>
    runCommand([...args, '--json', '--timeout', '4', '--ssh-config', fleet.sshConfigPath]);

  it('tells by gpu-idle-top what each host really has, in the order of the file', async () => {
    const { code, stdout, stderr } = await command('gpu-idle-top', '--once');
    expect(stderr).toBe('');
    const answer = JSON.parse(stdout);
    expect(answer.hosts.map((host: { alias: string }) => host.alias)).toEqual(
      hosts.map((host) => host.alias),
    );
    expect(code).toBe(0);
    const by = (alias: string) => answer.hosts.find((host: { alias: string }) => host.alias === alias);
    for (const [alias, flags] of [
      ['zeta', [true, false]],
      ['alpha', [false]],
      ['html', [true]],
      ['no-forwarding', [true]],
      ['ipv6-model', [true]],
      ['omega', [true, true, false]],
    ] as const) {
      const gpus = hosts.find((host) => host.alias === alias)?.gpus ?? [];
      expect(by(alias)).toEqual({ alias, state: { kind: 'up' }, gpus: idle(alias, gpus, flags) });
    }
    const reasons = Object.fromEntries(
      answer.hosts
        .filter((host: { state: { kind: string } }) => host.state.kind !== 'up')
        .map((host: { alias: string; state: { kind: string; code: string } }) => [
          host.alias,
          [host.state.kind, host.state.code],
        ]),
    );
    expect(reasons).toEqual({
      down: ['unreachable', 'connection-refused'],
      'no-tool': ['no-gpu', 'no-gpu-tool'],
      'refused-key': ['auth-needed', 'auth-failed'],
      'unknown-key': ['hostkey-unknown', 'hostkey-unknown'],
      garbage: ['no-shell', 'no-shell'],
      silent: ['unreachable', 'probe-timeout'],
      'broken-driver': ['gpu-error', 'gpu-tool-failed'],
      'hung-tool': ['gpu-error', 'gpu-tool-hung'],
    });
    for (const host of answer.hosts)
      if (host.state.kind !== 'up') expect(host.state.reason.length).toBeGreaterThan(10);
  });

  it('finds by list-remote every model server, and says what the others are', async () => {
    const { code, stdout } = await command('list-remote');
    const answer = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(answer.hosts.map((host: { alias: string }) => host.alias)).toEqual(
      hosts.map((host) => host.alias),
    );
    const models = answer.hosts.flatMap((host: { alias: string; models: { port: number; id: string }[] }) =>
      host.models.map((model) => [host.alias, model]),
    );
    const vllm = (port: number, id: string) => ({
      port,
      id,
      engine: 'vllm',
      version: '0.11.0',
    });
    expect(models).toEqual([
      ['zeta', vllm(8000, 'org/llama')],
      ['alpha', vllm(8000, 'a')],
      ['alpha', vllm(9123, 'b')],
      ['no-tool', vllm(8000, 'cpu-model')],
      ['ipv6-model', vllm(8000, 'six')],
    ]);
  });

  it('asks only the port it is told to', async () => {
    const { stdout } = await command('list-remote', '--remote-port', '9123', '--host-regex', '^alpha$');
    expect(JSON.parse(stdout)).toEqual({
      hosts: [
        {
          alias: 'alpha',
          state: { kind: 'up' },
          models: [{ port: 9123, id: 'b', engine: 'vllm', version: '0.11.0' }],
        },
      ],
    });
  });

  it('reads around the broken parts of a configuration', async () => {
    const config = join(fleet.directory, 'odd-config');
    const lines = [
      'Include /nonexistent/ssh/config',
      `Include ${config}`,
      `Include ${fleet.sshConfigPath}`,
      'Host',
      'Host "zeta" spare*',
    ];
    await writeFile(config, lines.join('\r\n'));
    const { code, stdout, stderr } = await runCommand([
      ...['gpu-idle-top', '--once', '--json', '--host-regex', '^(zeta|omega)$', '--ssh-config', config],
    ]);
    const answer = JSON.parse(stdout);
    expect(
      answer.hosts.map((host: { alias: string; state: { kind: string } }) => [host.alias, host.state.kind]),
    ).toEqual([
      ['zeta', 'up'],
      ['omega', 'up'],
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/odd-config:4/);
  });
});
