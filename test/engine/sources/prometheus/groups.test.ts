import { afterEach, describe, expect, it, vi } from 'vitest';
import { newPrometheusSource } from '#common/prometheus.ts';
import { defaultSettings, type Settings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor } from '../../../support/engine-for.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import {
  dcgmText,
  freePort,
  haveAll,
  type Running,
  startExporter,
  startPrometheus,
} from '../../../support/prometheus.ts';

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

const racks = { 'gpu-01': 'r1', 'gpu-02': 'r2', 'gpu-04': 'r1' };

async function prometheusOfRacks(): Promise<Running> {
  const targets = [];
  for (const [hostname, rack] of Object.entries(racks)) {
    const exporter = await startExporter(
      dcgmText('old', [{ util: 0, usedMiB: 4, hostname, host: hostname.slice(4) }]),
    );
    ending.push(exporter.stop);
    targets.push({ port: exporter.port, instance: `${hostname}:9400`, labels: { rack } });
  }
  const prometheus = await startPrometheus(targets);
  ending.push(prometheus.stop);
  return prometheus;
}

/** gpu-01 and gpu-03 in an included file, gpu-04 with a comment; nothing listens for any of them. */
async function engineWith(url: string, label: string, group?: string): Promise<Engine> {
  const folder = await temporaryFolder();
  ending.push(folder.remove);
  const port = await freePort();
  const block = (alias: string): string => `Host ${alias}\n  HostName 127.0.0.1\n  Port ${port}\n`;
  const included = await folder.write('conf.d/h100.conf', block('gpu-01') + block('gpu-03'));
  const config = await folder.write('config', `Include ${included}\n# group: mine\n${block('gpu-04')}`);
  const settings: Partial<Settings> = {
    prometheus: [newPrometheusSource('one', url)],
    groups: { ...defaultSettings.groups, label },
    welcomed: true,
  };
  const engine = engineFor(config, { settings, group });
  ending.push(() => engine.dispose());
  await engine.loadHosts();
  return engine;
}

const groupsOf = (engine: Engine) =>
  Object.fromEntries(engine.snapshot().hosts.map(({ alias, group }) => [alias, group]));
const scanUntil = (engine: Engine, expectation: () => void) =>
  vi.waitFor(
    async () => {
      await engine.scan();
      expectation();
    },
    { timeout: 25_000, interval: 500 },
  );

describe.skipIf(!haveAll('prometheus'))('groups by a label of Prometheus', () => {
  it('hold hosts of both sources, behind a comment and before the file', async () => {
    const { url } = await prometheusOfRacks();
    const engine = await engineWith(url, 'rack');
    expect(groupsOf(engine)).toEqual({ 'gpu-01': 'h100', 'gpu-03': 'h100', 'gpu-04': 'mine' });
    await scanUntil(engine, () =>
      expect(groupsOf(engine)).toEqual({
        'gpu-01': 'r1',
        'gpu-03': 'h100',
        'gpu-04': 'mine',
        'gpu-02': 'r2',
      }),
    );
    const choose = (label: string) =>
      engine.handlers['settings.update']({ change: { groups: { ...defaultSettings.groups, label } } });
    await choose('');
    await vi.waitFor(() =>
      expect(groupsOf(engine)).toEqual({
        'gpu-01': 'h100',
        'gpu-03': 'h100',
        'gpu-04': 'mine',
        'gpu-02': null,
      }),
    );
    // One that says nothing of the place otherwise.
    await choose('job');
    await scanUntil(engine, () =>
      expect(groupsOf(engine)).toMatchObject({ 'gpu-01': 'exporters', 'gpu-02': 'exporters' }),
    );
    // Reading the configuration anew does not forget the label.
    await engine.loadHosts();
    expect(groupsOf(engine)).toMatchObject({ 'gpu-01': 'exporters', 'gpu-03': 'h100' });
    await engine.handlers['settings.update']({ change: { prometheus: [] } });
    await vi.waitFor(() =>
      expect(groupsOf(engine)).toEqual({ 'gpu-01': 'h100', 'gpu-03': 'h100', 'gpu-04': 'mine' }),
    );
  });

  it('are what a command asks for, and the others are not contacted', async () => {
    const { url } = await prometheusOfRacks();
    const engine = await engineWith(url, 'rack', 'R1');
    expect(groupsOf(engine)).toEqual({});
    await scanUntil(engine, () => expect(groupsOf(engine)).toEqual({ 'gpu-01': 'r1' }));
    expect(engine.snapshot().hosts[0]).toMatchObject({ source: { kind: 'ssh' }, labels: { rack: 'r1' } });
    const other = await engineWith(url, 'rack', 'r2');
    await scanUntil(other, () => expect(groupsOf(other)).toEqual({ 'gpu-02': 'r2' }));
  });
});
