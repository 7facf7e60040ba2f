/** AMD's device-metrics-exporter, which says the job and its user where Slurm gives them. */

import type { Labels } from '../answer.ts';
import { type GpuExporter, gauge, indexOf, labelOf, podOf } from './exporter.ts';

const uuidLabels = ['gpu_uuid'] as const;

export const amd: GpuExporter = {
  vendor: 'amd',
  gauges: {
    gpu_gfx_activity: gauge('utilPct'),
    gpu_used_vram: gauge('memUsedMiB'),
    gpu_total_vram: gauge('memTotalMiB'),
    gpu_free_vram: gauge('memFreeMiB'),
    gpu_package_power: gauge('powerW'),
    gpu_average_package_power: gauge('powerW', 1, 1),
    gpu_junction_temperature: gauge('temperatureC'),
    gpu_edge_temperature: gauge('temperatureC', 1, 1),
  },
  identity: [['gpu_total_vram', 'gpu_used_vram', 'gpu_gfx_activity']],
  uuidLabels,
  labels(labels: Labels) {
    const user = labelOf(labels, 'job_user');
    const job = labelOf(labels, 'job_id');
    const pod = podOf(labels);
    return {
      index: indexOf(labelOf(labels, 'gpu_id')),
      uuid: labelOf(labels, ...uuidLabels),
      name: labelOf(labels, 'card_model', 'card_series'),
      pciBusId: labelOf(labels, 'pcie_bus_id'),
      driverVersion: labelOf(labels, 'driver_version'),
      instance: null,
      job: user === null && job === null && pod === null ? null : { user, job, pod },
    };
  },
};
