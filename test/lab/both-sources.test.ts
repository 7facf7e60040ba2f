/** The same hosts by SSH and by Prometheus: one row each, with the same values, which go on by the other source. */

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { asOf } from '#common/freshness.ts';
import type { Gpu, Host } from '#common/hosts.ts';
import { newPrometheusSource } from '#common/prometheus.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor } from '../support/engine-for.ts';
import { signalAll } from '../support/processes.ts';
import {
  type Exporter,
  haveAll,
  type Running,
  startExporter,
  startPrometheus,
} from '../support/prometheus.ts';
import { type Fleet, type FleetGpu, gpuUuid, startFleet } from './fleet.ts';
import { namespacesMissing } from './namespaces.ts';
import { sshdProcesses } from './sshd-processes.ts';

const missing = namespacesMissing();
if (missing !== null) console.log(`SKIPPED both sources: ${missing}`);

const count = 50;
const aliases = Array.from({ length: count }, (_none, at) => `gpu-${String(at).padStart(2, '0')}`);
/** Every fifth one, by its number. */
const lost = aliases.filter((_alias, at) => at % 5 === 0);
const totalMiB = 81_559;

const gpusOf = (at: number, moreUtil = 0): readonly FleetGpu[] =>
  Array.from({ length: 4 }, (_none, index) => ({
    name: 'NVIDIA H100 80GB HBM3',
    utilPct: ((at * 7 + index * 23) % 90) + moreUtil,
    memUsedMiB: 100 + at * 900 + index,
    memTotalMiB: totalMiB,
  }));

/** The same GPUs, as dcgm-exporter says them. */
function dcgmOf(alias: string, gpus: readonly FleetGpu[]): string {
  const lines = gpus.flatMap(({ name, utilPct, memUsedMiB, memTotalMiB }, index) => {
    const labels = `{gpu="${index}",UUID="${gpuUuid(alias, index)}",modelName="${name}",Hostname="${alias}",pci_bus_id="00000000:65:00.0",DCGM_FI_DRIVER_VERSION="570.133.20"}`;
    return [
      `DCGM_FI_DEV_GPU_UTIL${labels} ${utilPct}`,
      `DCGM_FI_DEV_FB_USED${labels} ${memUsedMiB}`,
      `DCGM_FI_DEV_FB_FREE${labels} ${memTotalMiB - memUsedMiB - 559}`,
      `DCGM_FI_DEV_FB_RESERVED${labels} 559`,
      `DCGM_FI_DEV_GPU_TEMP${labels} 41`,
      `DCGM_FI_DEV_POWER_USAGE${labels} 210.55`,
      `DCGM_FI_DEV_SM_CLOCK${labels} 1980`,
      `DCGM_FI_DEV_MEM_CLOCK${labels} 2619`,
    ];
  });
  return `${lines.join('\n')}\n`;
}

/** What both sources know of a GPU. */
const known = ({
  index,
  uuid,
  name,
  utilPct,
  memUsedMiB,
  memTotalMiB,
  temperatureC,
  powerW,
  details,
}: Gpu) => ({
  ...{ index, uuid, name, utilPct, memUsedMiB, memTotalMiB, temperatureC },
  powerW: powerW === null ? null : Math.round(powerW),
  ...{ smClockMHz: details.smClockMHz, memClockMHz: details.memClockMHz, pciBusId: details.pciBusId },
});

describe.skipIf(missing !== null || !haveAll('prometheus'))(`${count} hosts that two sources know`, () => {
  let fleet: Fleet;
  let prometheus: Running;
  const exporters = new Map<string, Exporter>();
  const engines: Engine[] = [];
  beforeAll(async () => {
    fleet = await startFleet(aliases.map((alias, at) => ({ alias, gpus: gpusOf(at) })));
    for (const [at, alias] of aliases.entries())
      exporters.set(alias, await startExporter(dcgmOf(alias, gpusOf(at))));
    const targets = [...exporters].map(([alias, { port }]) => ({
      port,
      instance: `${alias}:9400`,
      labels: { rack: 'r1' },
    }));
    prometheus = await startPrometheus(targets);
  }, 120_000);
  afterAll(async () => {
    await Promise.all(engines.map((engine) => engine.dispose()));
    await prometheus?.stop();
    await Promise.all([...exporters.values()].map((exporter) => exporter.stop()));
    await fleet?.stop();
  });

  const engineOn = async (sshConfigPath: string): Promise<Engine> => {
    const settings = {
      ...defaultSettings,
      prometheus: [newPrometheusSource('one', prometheus.url)],
      welcomed: true,
      localPorts: { from: 17_500, to: 17_509 },
    };
    const engine = engineFor(sshConfigPath, { settings, remotePorts: [] });
    engines.push(engine);
    await engine.loadHosts();
    return engine;
  };
  const shown = (engine: Engine): readonly Host[] => asOf(engine.snapshot(), Date.now()).hosts;
  const scanUntil = (expectation: () => void) =>
    vi.waitFor(
      async () => {
        await Promise.all(engines.map((one) => one.scan()));
        expectation();
      },
      { timeout: 60_000, interval: 500 },
    );
  const bySource = (engine: Engine, kind: Host['source']['kind']): readonly string[] =>
    shown(engine)
      .filter(({ source, state }) => source.kind === kind && state.kind === 'up')
      .map(({ alias }) => alias);

  it('are one row each with the same values, which go on by Prometheus while sshd is away', async () => {
    const engine = await engineOn(fleet.sshConfigPath);
    const alone = await engineOn('/nonexistent-config');
    const rows = (of: Engine) =>
      new Map(shown(of).map((host) => [host.alias, [host.driverVersion, host.labels, host.gpus.map(known)]]));
    await scanUntil(() => expect([...bySource(alone, 'prometheus')].sort()).toEqual(aliases));
    // Exporters that were scraped after the first look are looked at soon after.
    await scanUntil(() => {
      expect(bySource(engine, 'ssh')).toEqual(aliases);
      expect(rows(engine)).toEqual(rows(alone));
    });

    for (const alias of lost) {
      const { listener, sessions } = await sshdProcesses(fleet.namespaceOf(alias));
      signalAll([...listener, ...sessions], 'SIGKILL');
    }
    await scanUntil(() => expect(bySource(engine, 'prometheus')).toEqual(lost));
    const rest = aliases.filter((alias) => !lost.includes(alias));
    expect(bySource(engine, 'ssh')).toEqual(rest);
    const [first = ''] = lost;
    const row = () => shown(engine).find(({ alias }) => alias === first);
    expect(row()?.source).toMatchObject({
      host: first,
      instance: `${first}:9400`,
      ssh: { failure: { code: 'connection-refused' } },
    });
    const before = row()?.measuredAt ?? 0;
    for (const alias of lost) {
      const exporter = exporters.get(alias);
      if (exporter !== undefined) exporter.text = dcgmOf(alias, gpusOf(aliases.indexOf(alias), 9));
    }
    await scanUntil(() =>
      expect(row()?.gpus.map(({ utilPct }) => utilPct)).toEqual(gpusOf(0, 9).map(({ utilPct }) => utilPct)),
    );
    expect(row()?.measuredAt).toBeGreaterThan(before);

    // What wants SSH says why it does not have it.
    await expect(engine.handlers['forward.open']({ hostId: first, remotePort: 8000 })).rejects.toMatchObject({
      code: 'connection-refused',
      detail: expect.stringContaining('ECONNREFUSED'),
    });

    for (const alias of lost) fleet.restartSshd(alias);
    await scanUntil(() => expect(bySource(engine, 'ssh')).toEqual(aliases));
    expect(row()?.gpus.map(({ utilPct }) => utilPct)).toEqual(gpusOf(0).map(({ utilPct }) => utilPct));
    expect(shown(engine)).toHaveLength(count);
  }, 180_000);
});
