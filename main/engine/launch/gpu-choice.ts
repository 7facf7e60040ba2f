/** Which GPUs of a host a launch gets. Pure. */

import { AppError } from '#common/failure.ts';
import { type FreeDevice, findFreeGpus, freeDevices } from '#common/free-gpus.ts';
import type { Gpu, Host } from '#common/hosts.ts';
import type { GpuWish } from '#common/launches.ts';
import { hasSsh } from '#common/select/hosts.ts';
import type { Snapshot } from '#common/snapshot.ts';
import type { GpuLimit } from './launchers/launcher.ts';

/**
 * The GPUs for this wish, free by the idle rule and held by no live launch; null where none are wanted.
 * Errors: `gpus-busy`, whose detail says which or how many are free.
 */
export function chooseGpus(
  host: Host,
  wish: GpuWish,
  { settings, taken }: Pick<Snapshot, 'settings'> & { readonly taken: ReadonlySet<string> },
): GpuLimit | null {
  const free = { ...host, gpus: host.gpus.filter(({ uuid }) => !taken.has(uuid)) };
  if (wish.kind === 'indices') return limitTo(named(host, free, wish.indices, settings));
  if (wish.count === 0) return null;
  const wanted = { count: wish.count, memGiB: wish.minGiB, kind: '' };
  const [offer] = findFreeGpus({ hosts: [free], settings }, wanted);
  if (offer !== undefined) return limitTo(offer.devices);
  const count = freeDevices(free, settings.idleRule).length;
  throw new AppError('gpus-busy', {
    step: 'launch',
    detail: `${count} of the GPUs of ${host.alias} are free`,
  });
}

/** The host of these with the best fit, for `auto`. Errors: `gpus-busy`. */
export function chooseHost(
  { hosts, settings }: Pick<Snapshot, 'hosts' | 'settings'>,
  wish: GpuWish,
  taken: ReadonlyMap<string, ReadonlySet<string>>,
): Host {
  const offered = hosts.filter(hasSsh).map((host) => ({
    ...host,
    gpus: host.gpus.filter(({ uuid }) => taken.get(host.id)?.has(uuid) !== true),
  }));
  const wanted = wish.kind === 'count' ? wish : { count: 1, minGiB: 0 };
  const offers = findFreeGpus(
    { hosts: offered, settings },
    { count: wanted.count, memGiB: wanted.minGiB, kind: '' },
  );
  const id = offers[0]?.host.id;
  const found = hosts.find((host) => host.id === id);
  if (found !== undefined) return found;
  throw new AppError('gpus-busy', { step: 'launch', detail: 'no host has that number of free GPUs' });
}

function named(
  host: Host,
  free: Host,
  indices: readonly number[],
  settings: Snapshot['settings'],
): readonly FreeDevice[] {
  const devices = freeDevices(free, settings.idleRule);
  return indices.map((index) => {
    const gpu = host.gpus.find((each) => each.index === index);
    if (gpu === undefined)
      throw new AppError('gpus-busy', { step: 'launch', detail: `${host.alias} has no GPU ${index}` });
    const device = devices.find((each) => each.gpu.index === index && each.instance === null);
    if (device === undefined)
      throw new AppError('gpus-busy', {
        step: 'launch',
        detail: `GPU ${index} of ${host.alias} is not free`,
      });
    return device;
  });
}

function limitTo(devices: readonly FreeDevice[]): GpuLimit {
  const vendor = devices[0]?.gpu.vendor ?? 'nvidia';
  const name = ({ gpu, instance }: FreeDevice): string => instance?.uuid ?? gpu.uuid;
  return { vendor, uuids: devices.map(name), indices: devices.map(({ gpu }) => gpu.index) };
}

/** Those among these GPUs that are not free now, by the numbers of the host. */
export function busyAmong(
  host: Host,
  { uuids }: GpuLimit,
  settings: Snapshot['settings'],
): readonly Gpu['uuid'][] {
  const free = new Set(
    freeDevices(host, settings.idleRule).map(({ gpu, instance }) => instance?.uuid ?? gpu.uuid),
  );
  return uuids.filter((uuid) => !free.has(uuid));
}
