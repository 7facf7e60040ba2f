import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor, hostOf } from '../support/engine-for.ts';
import { type Fleet, type FleetGpu, type FleetHost, startFleet } from './fleet.ts';
import { namespacesMissing } from './namespaces.ts';

const missing = namespacesMissing();
if (missing !== null) console.log(`SKIPPED lab: ${missing}`);

const gpus: readonly FleetGpu[] = [
  { name: 'NVIDIA H100 80GB HBM3', utilPct: 0, memUsedMiB: 4, memTotalMiB: 81_559 },
];

const header =
  'index, uuid, name, utilization.gpu [%], memory.used [MiB], memory.total [MiB], temperature.gpu, power.draw [W], driver_version, mig.mode.current, power.limit [W], fan.speed [%], clocks.current.sm [MHz], clocks.current.memory [MHz], ecc.errors.uncorrected.volatile.total, clocks_event_reasons.active, pci.bus_id';
const row = (index: number, util: string, used: number, mig = 'Disabled') =>
  `${index}, GPU-${index}, NVIDIA H100 80GB HBM3, ${util}, ${used}, 81559, 40, 90.1, 570.1, ${mig}, 700, [N/A], 1980, 2619, 0, 0x0, 00000000:0${index}:00.0`;

/** An nvidia-smi that prints by its first option, and ends with the exit code. */
const tool = (query: readonly string[], rest = '', code = 0) => `#!/bin/sh
case "$*" in
--query-gpu=*)
cat <<'EOF'
${[header, ...query].join('\n')}
EOF
exit ${code} ;;
--query-compute-apps=*) echo 'gpu_uuid, pid, process_name, used_gpu_memory [MiB]' ;;
${rest}
esac
`;

const lost =
  'Unable to determine the device handle for GPU 0000:07:00.0: GPU is lost. Reboot the system to recover this GPU';
const sevenAndOneLost = tool(
  [...Array.from({ length: 7 }, (_gpu, index) => row(index, '0', 4)), lost],
  '',
  15,
);

const migXml = `<gpu id="00000000:00:00.0">
<mig_device>
<index>0</index>
<gpu_instance_id>3</gpu_instance_id>
<compute_instance_id>0</compute_instance_id>
<fb_memory_usage>
<total>40448 MiB</total>
<used>31000 MiB</used>
</fb_memory_usage>
</mig_device>
<uuid>GPU-0</uuid>
</gpu>`;
const mig = tool(
  [row(0, '[N/A]', 31_010, 'Enabled')],
  `'-q -x') cat <<'EOF'
${migXml}
EOF
;;
-L) echo 'GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-0)'; echo '  MIG 3g.40gb     Device  0: (UUID: MIG-abc)' ;;`,
);

/** Only the first start of the driver takes this long. */
const slowStart = `#!/bin/sh
[ -e "$HOME/started" ] || { sleep 20; : >"$HOME/started"; }
${tool([row(0, '0', 4)]).replace('#!/bin/sh\n', '')}`;

const rocmCard = {
  'GPU use (%)': '64',
  'VRAM Total Memory (B)': '68702699520',
  'VRAM Total Used Memory (B)': '34351349760',
  'Unique ID': '0xabc',
  'Card Series': 'AMD Instinct MI210',
};
const rocmSmi = `#!/bin/sh
case "$*" in
*--showpids*) echo '{"system": {"PID1": "init, 1, 1048576, 0, 0"}}' ;;
*) echo '${JSON.stringify({ card0: rocmCard, system: { 'Driver version': '6.3.6' } })}' ;;
esac
`;
const amdSmi = `#!/bin/sh
case "$1" in
metric) echo '[{"gpu": 0, "usage": {"gfx_activity": {"value": 12, "unit": "%"}}, "mem_usage": {"total_vram": {"value": 196592, "unit": "MB"}, "used_vram": {"value": 300, "unit": "MB"}}}]' ;;
static) echo '[{"gpu": 0, "asic": {"market_name": "AMD Instinct MI300X", "asic_serial": "0x1"}}]' ;;
process) echo '[{"gpu": 0, "process_list": [{"process_info": {"name": "init", "pid": 1, "memory_usage": {"vram_mem": {"value": 1048576, "unit": "B"}}}}]}]' ;;
esac
`;

const hosts: readonly FleetHost[] = [
  { alias: 'healthy-first', gpus },
  { alias: 'one-lost', gpus: [], nvidiaSmi: sevenAndOneLost },
  { alias: 'mig', gpus: [], nvidiaSmi: mig },
  { alias: 'hangs', gpus: [], nvidiaSmi: '#!/bin/sh\nexec sleep 600\n' },
  { alias: 'slow-start', gpus: [], nvidiaSmi: slowStart },
  {
    alias: 'no-driver',
    gpus: [],
    nvidiaSmi:
      '#!/bin/sh\necho "NVIDIA-SMI has failed because it couldn\'t communicate with the NVIDIA driver."\nexit 9\n',
  },
  { alias: 'no-devices', gpus: [], nvidiaSmi: '#!/bin/sh\necho "No devices were found"\nexit 6\n' },
  { alias: 'no-tool', gpus: null },
  { alias: 'rocm', gpus: null, programs: { 'rocm-smi': rocmSmi } },
  { alias: 'amd', gpus: null, programs: { 'amd-smi': amdSmi } },
  {
    alias: 'fish',
    gpus,
    ssh: ['User lab'],
    etc: {
      passwd:
        'root:x:0:0:root:/root:/bin/bash\nsshd:x:102:65534::/run/sshd:/usr/sbin/nologin\nlab:x:0:0::/root:/usr/bin/fish\n',
    },
  },
  { alias: 'healthy-last', gpus },
];

describe.skipIf(missing !== null)('what the GPU tools of real sshd hosts say', () => {
  let fleet: Fleet;
  let engine: Engine;
  const names = hosts
    .map(({ alias }) => alias)
    .filter((alias) => {
      if (alias !== 'fish' || existsSync('/usr/bin/fish')) return true;
      console.log('SKIPPED fish: /usr/bin/fish is not installed');
      return false;
    });
  /** When each host was measured, while it was watched. */
  const measurements = new Map<string, Set<number>>();

  beforeAll(async () => {
    fleet = await startFleet(hosts.filter(({ alias }) => names.includes(alias)));
    engine = engineFor(fleet.sshConfigPath, {
      settings: { cadence: { ...defaultSettings.cadence, gpusMs: 2000 } },
      home: fleet.directory,
    });
    engine.subscribe(() => {
      for (const { alias, measuredAt } of engine.snapshot().hosts) {
        if (measuredAt === null) continue;
        const times = measurements.get(alias) ?? new Set();
        measurements.set(alias, times.add(measuredAt));
      }
    });
    await engine.loadHosts();
    engine.watch();
    await engine.scan();
    console.table(
      engine.snapshot().hosts.map(({ alias, state, gpus: found, driverVersion }) => ({
        host: alias,
        state: state.kind,
        code: 'failure' in state ? state.failure.code : '',
        gpus: found.length,
        driver: driverVersion,
        measured: measurements.get(alias)?.size ?? 0,
      })),
    );
  });
  afterAll(async () => {
    await engine?.dispose();
    await fleet?.stop();
  });

  const host = (alias: string) => hostOf(engine, alias);
  const stateOf = (alias: string) => {
    const { state } = host(alias);
    return 'failure' in state ? [state.kind, state.failure.code] : [state.kind];
  };

  it('seven GPUs are shown beside the one that is lost', () => {
    expect(stateOf('one-lost')).toEqual(['gpu-error', 'gpu-tool-failed']);
    expect(host('one-lost').gpus.map(({ index, utilPct }) => [index, utilPct])).toEqual(
      Array.from({ length: 7 }, (_gpu, index) => [index, 0]),
    );
    expect(host('one-lost').state).toMatchObject({
      failure: { detail: expect.stringContaining('GPU is lost') },
    });
  });

  it('MIG instances have their own memory, and no utilisation', () => {
    expect(host('mig').gpus).toMatchObject([
      {
        utilPct: null,
        instances: [
          {
            index: 0,
            uuid: 'MIG-abc',
            profile: '3g.40gb',
            memUsedMiB: 31_000,
            memTotalMiB: 40_448,
            processes: [],
          },
        ],
      },
    ]);
  });

  it('a driver that takes 20 seconds to start is waited for', () => {
    expect(stateOf('slow-start')).toEqual(['up']);
    expect(host('slow-start').gpus).toHaveLength(1);
  });

  it('AMD GPUs come by either tool, with who is on them', () => {
    expect(host('rocm')).toMatchObject({
      state: { kind: 'up' },
      driverVersion: '6.3.6',
      gpus: [{ vendor: 'amd', utilPct: 64, memTotalMiB: 65_520, processes: [{ pid: 1, user: 'root' }] }],
    });
    expect(host('amd')).toMatchObject({
      state: { kind: 'up' },
      gpus: [
        { name: 'AMD Instinct MI300X', uuid: '0x1', utilPct: 12, processes: [{ pid: 1, user: 'root' }] },
      ],
    });
  });

  it.each([
    ['hangs', ['gpu-error', 'gpu-tool-hung']],
    ['no-driver', ['gpu-error', 'gpu-tool-failed']],
    ['no-devices', ['no-gpu', 'no-gpu-devices']],
    ['no-tool', ['no-gpu', 'no-gpu-tool']],
    ['healthy-first', ['up']],
    ['healthy-last', ['up']],
  ])('%s: %j', (alias, expected) => {
    expect(stateOf(alias)).toEqual(expected);
  });

  it.skipIf(!names.includes('fish'))('a fish login is as good as any', () => {
    expect(host('fish')).toMatchObject({ state: { kind: 'up' }, gpus: [{ index: 0 }] });
  });

  it('tells the load and memory of the hosts themselves', () => {
    expect(host('no-tool').system?.memTotalMiB).toBeGreaterThan(100);
    expect(host('healthy-first').system?.cpuCount).toBeGreaterThan(0);
  });

  it('the others were measured at their cadence while two of them took half a minute', async () => {
    // The scan has ended: the slowest host was asked once in the time.
    for (const alias of ['healthy-first', 'healthy-last', 'mig', 'one-lost'])
      await vi.waitFor(() => expect(measurements.get(alias)?.size).toBeGreaterThan(8));
  });
});
