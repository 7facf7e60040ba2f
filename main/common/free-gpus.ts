/** Finds GPUs to work on: so many free ones on one host, with so much memory, of a kind. Pure; the same in every face. */

import { deviceSelections, type GpuVendor } from './gpu-tools.ts';
import { groupBy } from './group-by.ts';
import type { Gpu, Host, IdleRule, MigInstance } from './hosts.ts';
import { isIdle, meetsIdleRule, memoryGiB } from './select/gpus.ts';
import { hostSummary, isUp, sshCommand } from './select/hosts.ts';
import type { Snapshot, Source } from './snapshot.ts';
import { shellWord } from './text.ts';

export interface FreeGpusWanted {
  /** At least one. */
  readonly count: number;
  /** Of each one's own memory, in whole GiB as {@link memoryGiB} has it; 0: whatever it has. */
  readonly memGiB: number;
  /** A part of the GPU's name, whatever its case; empty: any. */
  readonly kind: string;
}

/** A whole GPU, or a MIG instance of one, that is not in use. */
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

/** What is free on a host at the moment: whole GPUs, and of GPUs in MIG mode their instances that have a name. */
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
  // Where a wrapper joins the GPUs of several hosts, a number that stands twice selects none of them.
  const isNamed = ({ gpu }: FreeDevice): boolean =>
    !host.gpus.some((other) => other !== gpu && other.index === gpu.index);
  const fitting = freeDevices(host, rule).filter((device) => {
    const enough = memGiB === 0 || (memoryOf(device) ?? 0) >= memGiB;
    return enough && isNamed(device) && device.gpu.name.toLowerCase().includes(kind.trim().toLowerCase());
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
  const kindOf = (device: FreeDevice): string =>
    JSON.stringify([device.gpu.name, device.instance !== null, memoryOf(device)]);
  return [...groupBy(devices, kindOf).values()];
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
 * The assignments that limit a program to these devices of the host. GPUs stand by their number, always with the order that
 * their tool counts in; vLLM before 0.24 takes no UUID of a GPU (its issue 13815), and AMD's variable takes numbers alone (ROCm,
 * "GPU isolation techniques"). MIG instances have nothing but their UUID.
 */
export function visibleDevices(devices: readonly FreeDevice[]): readonly string[] {
  const vendors = Object.keys(deviceSelections) as readonly GpuVendor[];
  return vendors.flatMap((vendor) => {
    const { variable, order } = deviceSelections[vendor];
    const names = devices
      .filter(({ gpu }) => gpu.vendor === vendor)
      .map(({ gpu, instance }) => instance?.uuid ?? String(gpu.index));
    return names.length === 0 ? [] : [...(order === null ? [] : [order]), `${variable}=${names.join(',')}`];
  });
}

/**
 * One line to paste: a login shell on the host in which programs see these devices alone. `env` and `exec` are the same for
 * every login shell (bash, zsh, fish, tcsh); the single quotes hold in those and in PowerShell, and not in cmd.
 */
export function shellOnDevices(source: Source, host: Host, devices: readonly FreeDevice[]): string {
  const assignments = visibleDevices(devices).map(shellWord).join(' ');
  return sshCommand(source, host, { remote: `exec env ${assignments} "$SHELL" -l` });
}

/** The kinds of GPU that there are, for a choice; the name without its maker, each once, ascending. */
export function gpuKindNames(hosts: readonly Host[]): readonly string[] {
  const names = hosts.flatMap(({ gpus }) => gpus.map(({ name }) => name.replace(/^NVIDIA\s+/, '')));
  return [...new Set(names)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
