import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readSettings } from '#common/settings-reading.ts';
import { run } from '../../../main/cli/program.ts';
import {
  dcgmText,
  type Exporter,
  haveAll,
  type Running,
  startExporter,
  startPrometheus,
} from '../../support/prometheus.ts';
import { createTerminal } from '../../support/terminal.ts';

const runWith = (...args: readonly string[]) => runOn({}, ...args);

/** With what is stored of the settings. */
async function runOn(stored: object, ...args: readonly string[]) {
  const home = mkdtempSync(join(tmpdir(), 'vllm-tray-cli-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const terminal = createTerminal({ home });
  const io = { ...terminal.io, storedSettings: () => ({ ...readSettings(stored), folder: null }) };
  return { code: await run(args, io, '1'), out: terminal.out(), err: terminal.err() };
}

describe.skipIf(!haveAll('prometheus'))('--prometheus', () => {
  let exporter: Exporter;
  let prometheus: Running;
  beforeAll(async () => {
    exporter = await startExporter(dcgmText('old', [{ util: 0, usedMiB: 4, hostname: 'gpu-01' }]));
    prometheus = await startPrometheus([
      { port: exporter.port, instance: 'gpu-01:9400', labels: { rack: 'r1' } },
    ]);
  });
  afterAll(async () => {
    await prometheus?.stop();
    await exporter?.stop();
  });

  it('adds its hosts, and where each is from', async () => {
    await vi.waitFor(
      async () => {
        const { code, out, err } = await runWith(
          'gpu-idle-top',
          '--once',
          '--json',
          '--prometheus',
          prometheus.url,
        );
        expect(err).toBe('');
        expect(code).toBe(0);
        const { hosts } = JSON.parse(out);
        expect(hosts).toHaveLength(1);
        expect(Object.keys(hosts[0])).toEqual(['alias', 'source', 'state', 'gpus']);
        expect(hosts[0]).toMatchObject({ alias: 'gpu-01', source: 'prometheus', state: { kind: 'up' } });
        expect(Object.keys(hosts[0].gpus[0])).toEqual([
          'index',
          'uuid',
          'name',
          'utilPct',
          'memUsedMiB',
          'memTotalMiB',
          'idle',
        ]);
        expect(hosts[0].gpus[0]).toMatchObject({
          utilPct: 0,
          memUsedMiB: 4,
          memTotalMiB: 81_559,
          idle: true,
        });
      },
      { timeout: 25_000, interval: 500 },
    );
  });

  it.each([
    ['R1', ['gpu-01']],
    ['r2', []],
  ])('keeps to the group %s by the label of the settings', async (group, aliases) => {
    const command = ['gpu-idle-top', '--once', '--json', '--prometheus', prometheus.url, '--group', group];
    const { out } = await runOn({ groups: { label: 'rack' } }, ...command);
    expect(JSON.parse(out).hosts.map(({ alias }: { alias: string }) => alias)).toEqual(aliases);
  });

  it('keeps to the pattern for hosts', async () => {
    const { code, out } = await runWith(
      'gpu-idle-top',
      '--once',
      '--json',
      '--prometheus',
      prometheus.url,
      '--host-regex',
      'other',
    );
    expect(code).toBe(3);
    expect(JSON.parse(out)).toEqual({ hosts: [] });
  });
});

it('says in one line what is wrong with a source', async () => {
  const { code, out, err } = await runWith(
    'gpu-idle-top',
    '--once',
    '--json',
    '--prometheus',
    'http://127.0.0.1:1/prom',
  );
  expect(code).toBe(3);
  expect(JSON.parse(out)).toEqual({ hosts: [] });
  expect(err).toBe(
    '127.0.0.1:1/prom: Prometheus cannot be reached (connect ECONNREFUSED 127.0.0.1:1). Check its address, and the VPN or network of this computer.\n',
  );
});

it.each(['http://me:secret@prometheus', 'prometheus:9090', 'ssh://head'])(
  'refuses %s, and repeats no password',
  async (url) => {
    const { code, err } = await runWith('list-remote', '--prometheus', url);
    expect(code).toBe(2);
    expect(err).toContain('It must be http://HOST:PORT/PREFIX or ssh://HOST:PORT, without a password.');
  },
);

it('leaves the JSON as it was without the option', async () => {
  const { out } = await runWith('gpu-idle-top', '--once', '--json', '--demo', '--host-regex', '^h100-01$');
  expect(Object.keys(JSON.parse(out).hosts[0])).toEqual(['alias', 'state', 'gpus']);
});
