/** Finds GPUs to work on: so many free ones on one host, with so much memory, of a kind. Pure; the same in every face. */

import type { Gpu, Host, IdleRule, MigInstance, Snapshot, Source } from './model.ts';
import { hostSummary, isIdle, isUp, meetsIdleRule, memoryGiB, sshCommand } from './select.ts';
import { shellWord } from './text.ts';

export interface FreeGpusWanted {
  /** At least one. */
  readonly count: number;
  /** Of each one's own memory, in whole GiB as {@link memoryGiB} has it; 0: whatever it has. */
  readonly memGiB: number;
  /** A part of the GPU's name, whatever its case; empty: any. */
  readonly kind: string;
}

/** A whole GPU, or a MIG instance of one, that nobody uses. */
export interface FreeDevice {
  readonly gpu: Gpu;
  /** Null for the whole GPU. */
  readonly instance: MigInstance | null;
}

export interface FreeGpusOffer {
  readonly host: Host;
  /** As many as were wanted, all whole or all instances, in the order of the host. */
  readonly devices: readonly FreeDevice[];
  /** How many more of the same are free there. */
  readonly spare: number;
}

/**
 * The hosts that have them, best fit first: the smallest memory that is enough, then the fewest left over, so that whole
 * machines stay whole, then the lower load. MIG instances come after whole GPUs: they are parts of one, and a process sees only
 * one of them (NVIDIA's MIG guide, "Device enumeration").
 */
export function findFreeGpus(
  { hosts, settings }: Pick<Snapshot, 'hosts' | 'settings'>,
  wanted: FreeGpusWanted,
): readonly FreeGpusOffer[] {
  const ranked = hosts.flatMap((host) => {
    const offer = offerOf(host, settings.idleRule, wanted);
    return offer === null ? [] : { offer, ...ranksOf(offer, settings.idleRule) };
  });
  ranked.sort((a, b) => a.part - b.part || a.memory - b.memory || a.spare - b.spare || a.load - b.load);
  return ranked.map(({ offer }) => offer);
}

function ranksOf({ host, devices, spare }: FreeGpusOffer, rule: IdleRule) {
  return {
    part: devices.some(({ instance }) => instance !== null) ? 1 : 0,
    memory: Math.max(...devices.map((device) => memoryOf(device) ?? 0)),
    spare,
    load: hostSummary(host, rule).meanUtilPct ?? 101,
  };
}

/** What nobody uses on a host at the moment: whole GPUs, and of GPUs in MIG mode their instances that have a name. */
export function freeDevices(host: Host, rule: IdleRule): readonly FreeDevice[] {
  if (!isUp(host.state)) return [];
  return host.gpus.flatMap((gpu): readonly FreeDevice[] => {
    if (gpu.instances === null) return isIdle(gpu, rule) ? [{ gpu, instance: null }] : [];
    if (gpu.problem !== null) return [];
    return gpu.instances
      .filter((instance) => instance.uuid !== null && isInstanceFree(instance, rule))
      .map((instance) => ({ gpu, instance }));
  });
}

/** By its memory and processes: how busy an instance is, no driver says. */
export function isInstanceFree(instance: MigInstance, rule: IdleRule): boolean {
  return meetsIdleRule({ ...instance, utilPct: null }, rule) === true;
}

function offerOf(host: Host, rule: IdleRule, { count, memGiB, kind }: FreeGpusWanted): FreeGpusOffer | null {
  const fitting = freeDevices(host, rule).filter((device) => {
    const enough = memGiB === 0 || (memoryOf(device) ?? 0) >= memGiB;
    return enough && device.gpu.name.toLowerCase().includes(kind.trim().toLowerCase());
  });
  const alike = groupsOf(fitting)
    .filter((group) => group.length >= count)
    .sort((a, b) => (memoryOf(a[0]) ?? 0) - (memoryOf(b[0]) ?? 0) || a.length - b.length);
  // A host with several kinds may have enough of them only together.
  const whole = fitting.filter(({ instance }) => instance === null);
  const [chosen = whole] = alike;
  if (chosen.length < count) return null;
  return { host, devices: closest(chosen, count), spare: chosen.length - count };
}

function memoryOf(device: FreeDevice | undefined): number | null {
  return device === undefined ? null : memoryGiB(device.instance ?? device.gpu);
}

function groupsOf(devices: readonly FreeDevice[]): readonly (readonly FreeDevice[])[] {
  const groups = new Map<string, FreeDevice[]>();
  for (const device of devices) {
    const key = JSON.stringify([device.gpu.name, device.instance !== null, memoryOf(device)]);
    groups.set(key, [...(groups.get(key) ?? []), device]);
  }
  return [...groups.values()];
}

/** Neighbours by number, which mostly share a switch and a processor. */
function closest(devices: readonly FreeDevice[], count: number): readonly FreeDevice[] {
  const spanFrom = (start: number) =>
    (devices[start + count - 1]?.gpu.index ?? 0) - (devices[start]?.gpu.index ?? 0);
  let best = 0;
  for (let start = 1; start + count <= devices.length; start += 1)
    if (spanFrom(start) < spanFrom(best)) best = start;
  return devices.slice(best, best + count);
}

/**
 * The assignment that limits a program to these devices of the host: `CUDA_VISIBLE_DEVICES=0,3`, for MIG instances their UUIDs,
 * for AMD `HIP_VISIBLE_DEVICES`. Where a host has several kinds, CUDA would number the fastest first, so its order is named too.
 */
export function visibleDevices(host: Host, devices: readonly FreeDevice[]): string {
  const names = devices.map(({ gpu, instance }) => instance?.uuid ?? String(gpu.index));
  const list = shellWord(names.join(','));
  if (devices.some(({ gpu }) => gpu.vendor === 'amd')) return `HIP_VISIBLE_DEVICES=${list}`;
  const kinds = new Set(host.gpus.map(({ name }) => name));
  const isNumbered = devices.some(({ instance }) => instance === null);
  const order = kinds.size > 1 && isNumbered ? 'CUDA_DEVICE_ORDER=PCI_BUS_ID ' : '';
  return `${order}CUDA_VISIBLE_DEVICES=${list}`;
}

/** Two lines to paste: the way to the host, then the export there. */
export function commandsFor(source: Source, host: Host, devices: readonly FreeDevice[]): string {
  return `${sshCommand(source, host)}\nexport ${visibleDevices(host, devices)}`;
}

/** The kinds of GPU that there are, for a choice; the name without its maker, each once, ascending. */
export function gpuKindNames(hosts: readonly Host[]): readonly string[] {
  const names = hosts.flatMap(({ gpus }) => gpus.map(({ name }) => name.replace(/^NVIDIA\s+/, '')));
  return [...new Set(names)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
