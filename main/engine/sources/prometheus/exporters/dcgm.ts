/** NVIDIA's dcgm-exporter: version 4.9 renamed its series and changed their units, and both sets are met. */

import type { Labels } from '../answer.ts';
import { bytesToMiB, type GpuExporter, gauge, indexOf, labelOf, nvidiaUuid, podOf } from './exporter.ts';

/** The utilisation up to 4.8, which some collectors pass on as a ratio under the same name. */
export const oldUtilisation = 'DCGM_FI_DEV_GPU_UTIL';

/** Up to 4.8. */
const oldGauges = {
  [oldUtilisation]: gauge('utilPct', 1, 1),
  DCGM_FI_PROF_GR_ENGINE_ACTIVE: gauge('enginePct', 100, 1),
  DCGM_FI_DEV_FB_USED: gauge('memUsedMiB', 1, 1),
  DCGM_FI_DEV_FB_FREE: gauge('memFreeMiB', 1, 1),
  DCGM_FI_DEV_FB_RESERVED: gauge('memReservedMiB', 1, 1),
  DCGM_FI_DEV_FB_TOTAL: gauge('memTotalMiB', 1, 1),
  DCGM_FI_DEV_GPU_TEMP: gauge('temperatureC', 1, 1),
  DCGM_FI_DEV_POWER_USAGE: gauge('powerW', 1, 1),
  DCGM_FI_DEV_SM_CLOCK: gauge('smClockMHz', 1, 1),
  DCGM_FI_DEV_MEM_CLOCK: gauge('memClockMHz', 1, 1),
  DCGM_FI_DEV_XID_ERRORS: gauge('xid', 1, 1),
  DCGM_FI_DEV_ROW_REMAP_FAILURE: gauge('remapFailed', 1, 1),
} as const;

/** From 4.9. */
const newGauges = {
  DCGM_FI_DEV_GPU_UTIL_RATIO: gauge('utilPct', 100),
  DCGM_FI_PROF_GR_ENGINE_UTIL_RATIO: gauge('enginePct', 100),
  DCGM_FI_DEV_FB_USED_BYTES: gauge('memUsedMiB', bytesToMiB),
  DCGM_FI_DEV_FB_FREE_BYTES: gauge('memFreeMiB', bytesToMiB),
  DCGM_FI_DEV_FB_RESERVED_BYTES: gauge('memReservedMiB', bytesToMiB),
  DCGM_FI_DEV_FB_CAPACITY_BYTES: gauge('memTotalMiB', bytesToMiB),
  DCGM_FI_DEV_GPU_TEMP_CELSIUS: gauge('temperatureC'),
  DCGM_FI_DEV_BOARD_POWER_WATTS: gauge('powerW'),
  DCGM_FI_DEV_SM_CLOCK_HERTZ: gauge('smClockMHz', 1e-6),
  DCGM_FI_DEV_MEMORY_CLOCK_HERTZ: gauge('memClockMHz', 1e-6),
  DCGM_FI_DEV_XID_ERROR: gauge('xid'),
  DCGM_FI_DEV_ROW_REMAP_FAILED: gauge('remapFailed'),
} as const;

const uuidLabels = ['UUID', 'uuid'] as const;

export const dcgm: GpuExporter = {
  vendor: 'nvidia',
  gauges: { ...newGauges, ...oldGauges },
  // Some hosts have the newer version before others.
  identity: [
    ['DCGM_FI_DEV_FB_USED_BYTES', 'DCGM_FI_DEV_GPU_TEMP_CELSIUS', 'DCGM_FI_DEV_GPU_UTIL_RATIO'],
    ['DCGM_FI_DEV_FB_USED', 'DCGM_FI_DEV_GPU_TEMP', oldUtilisation],
  ],
  uuidLabels,
  labels(labels: Labels) {
    const instance = labelOf(labels, 'GPU_I_ID');
    const job = labelOf(labels, 'hpc_job');
    const pod = podOf(labels);
    return {
      index: indexOf(labelOf(labels, 'gpu')),
      uuid: nvidiaUuid(labelOf(labels, ...uuidLabels)),
      name: labelOf(labels, 'modelName'),
      pciBusId: labelOf(labels, 'pci_bus_id'),
      driverVersion: labelOf(labels, 'DCGM_FI_SYSTEM_DRIVER_VERSION', 'DCGM_FI_DRIVER_VERSION'),
      instance: instance === null ? null : { id: instance, profile: labelOf(labels, 'GPU_I_PROFILE') },
      job: job === null && pod === null ? null : { user: null, job, pod },
    };
  },
};

/** Which of its two sets of names these are; null: none. */
export function nameSetOf(names: Iterable<string>): 'old' | 'new' | 'both' | null {
  let [isOld, isNew] = [false, false];
  for (const name of names) {
    isOld ||= Object.hasOwn(oldGauges, name);
    isNew ||= Object.hasOwn(newGauges, name);
  }
  if (isOld && isNew) return 'both';
  return isNew ? 'new' : isOld ? 'old' : null;
}
