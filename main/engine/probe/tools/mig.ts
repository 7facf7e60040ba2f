/** MIG instances, from `nvidia-smi -q -x` (nvsmi_device_v12.dtd) and `nvidia-smi -L`. Pure. */

import type { MigInstance } from '#common/hosts.ts';
import { plainText } from '#common/text.ts';
import { cellNumber } from './csv.ts';
import type { Instances } from './gpu-tool.ts';

interface Device {
  index: number | null;
  gi: string;
  ci: string;
  uuid: string | null;
  used: number | null;
  total: number | null;
}

interface Process {
  gi: string;
  ci: string;
  pid: number | null;
}

interface OpenGpu {
  uuid: string;
  readonly devices: Device[];
  readonly processes: Process[];
}

const mostLines = 200_000;
const mostDevices = 1024;

/**
 * Reads the lines of the XML that cross the wire, or all of it, and the list of `-L` for names and UUIDs. By UUID of the
 * GPU; GPUs without MIG devices are left out. Never throws.
 */
export function parseMig(xml: string, list: string): ReadonlyMap<string, Instances> {
  const names = parseList(list);
  const readings = new Map<string, Instances>();
  for (const gpu of readXml(xml)) {
    const known = names.get(gpu.uuid);
    const instances = gpu.devices.flatMap((device) => {
      if (device.index === null) return [];
      const named = known?.get(device.index);
      return {
        index: device.index,
        uuid: device.uuid ?? named?.uuid ?? null,
        profile: named?.profile ?? null,
        memUsedMiB: device.used,
        memTotalMiB: device.total,
      };
    });
    if (instances.length > 0) readings.set(gpu.uuid, { instances, instanceOf: placesOf(gpu) });
  }
  // Without the XML, as where it took too long, the instances are still there.
  for (const [uuid, devices] of names) {
    if (readings.has(uuid) || devices.size === 0) continue;
    const instances = [...devices].map(([index, named]) => ({
      index,
      ...named,
      memUsedMiB: null,
      memTotalMiB: null,
    }));
    readings.set(uuid, { instances, instanceOf: new Map() });
  }
  return readings;
}

function placesOf({ devices, processes }: OpenGpu): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  for (const { pid, gi, ci } of processes) {
    const device = devices.find((one) => one.gi === gi && one.ci === ci);
    if (pid !== null && device !== undefined && device.index !== null) places.set(pid, device.index);
  }
  return places;
}

function readXml(xml: string): readonly OpenGpu[] {
  const gpus: OpenGpu[] = [];
  let device: Device | null = null;
  let process: Process | null = null;
  let inMemory = false;
  for (const line of xml.split('\n', mostLines)) {
    const gpu = gpus.at(-1);
    const [, tag = '', value = ''] =
      /^\s{0,40}<(\/?[a-z_]{2,30})(?: id="[^"]{0,60}")?>([^<]{0,100})/.exec(line) ?? [];
    if (tag === 'gpu') gpus.push({ uuid: '', devices: [], processes: [] });
    if (gpu === undefined) continue;
    if (tag === 'mig_device' && gpu.devices.length < mostDevices) {
      device = { index: null, gi: '', ci: '', uuid: null, used: null, total: null };
      gpu.devices.push(device);
    } else if (tag === '/mig_device') device = null;
    else if (tag === 'process_info' && gpu.processes.length < mostDevices) {
      process = { gi: '', ci: '', pid: null };
      gpu.processes.push(process);
    } else if (tag === '/process_info') process = null;
    else if (tag.endsWith('fb_memory_usage')) inMemory = tag === 'fb_memory_usage';
    else if (process !== null) readProcess(process, tag, value);
    else if (device !== null) readDevice(device, tag, value, inMemory);
    else if (tag === 'uuid') gpu.uuid = plainText(value, 100);
  }
  return gpus.filter(({ uuid }) => uuid !== '');
}

function readProcess(process: Process, tag: string, value: string): void {
  if (tag === 'gpu_instance_id') process.gi = value;
  else if (tag === 'compute_instance_id') process.ci = value;
  else if (tag === 'pid') process.pid = cellNumber(value);
}

function readDevice(device: Device, tag: string, value: string, inMemory: boolean): void {
  if (tag === 'index') device.index = cellNumber(value);
  else if (tag === 'gpu_instance_id') device.gi = value;
  else if (tag === 'compute_instance_id') device.ci = value;
  else if (tag === 'uuid' && value.startsWith('MIG-')) device.uuid = plainText(value, 100);
  else if (tag === 'used' && inMemory) device.used = cellNumber(value);
  else if (tag === 'total' && inMemory) device.total = cellNumber(value);
}

type Named = Pick<MigInstance, 'uuid' | 'profile'>;

/** `MIG 1g.18gb     Device  3: (UUID: MIG-...)` below its GPU's line. */
function parseList(list: string): ReadonlyMap<string, ReadonlyMap<number, Named>> {
  const gpus = new Map<string, Map<number, Named>>();
  let open: Map<number, Named> | null = null;
  for (const line of list.slice(0, 1_000_000).split('\n')) {
    const gpu = /^GPU \d{1,4}: .{0,200}\(UUID: (GPU-[\w-]{1,80})\)/.exec(line)?.[1];
    if (gpu !== undefined) {
      open = new Map();
      gpus.set(gpu, open);
    }
    const [, profile = '', index, uuid = ''] =
      /^ {1,8}MIG ([\w.+-]{1,30}) {1,20}Device {1,8}(\d{1,4}): \(UUID: (MIG-[\w/-]{1,100})\)/.exec(line) ??
      [];
    if (index !== undefined && (open?.size ?? mostDevices) < mostDevices)
      open?.set(Number(index), { uuid, profile });
  }
  return gpus;
}
