/** utkuozdemir's nvidia_gpu_exporter: the fields of NVIDIA's tool, and the host in `instance` alone. */

import type { Labels } from '../answer.ts';
import { bytesToMiB, type GpuExporter, gauge, indexOf, labelOf, nvidiaUuid } from './exporter.ts';

const uuidLabels = ['uuid'] as const;

export const nvidiaGpuExporter: GpuExporter = {
  vendor: 'nvidia',
  gauges: {
    nvidia_smi_utilization_gpu_ratio: gauge('utilPct', 100),
    nvidia_smi_memory_used_bytes: gauge('memUsedMiB', bytesToMiB),
    nvidia_smi_memory_free_bytes: gauge('memFreeMiB', bytesToMiB),
    nvidia_smi_memory_total_bytes: gauge('memTotalMiB', bytesToMiB),
    nvidia_smi_temperature_gpu: gauge('temperatureC'),
    nvidia_smi_power_draw_watts: gauge('powerW'),
    nvidia_smi_power_limit_watts: gauge('powerLimitW'),
    nvidia_smi_fan_speed_ratio: gauge('fanPct', 100),
    nvidia_smi_gpu_recovery_action: gauge('recoveryAction'),
  },
  identity: [['nvidia_smi_gpu_info']],
  uuidLabels,
  labels(labels: Labels) {
    return {
      index: indexOf(labelOf(labels, 'index')),
      uuid: nvidiaUuid(labelOf(labels, ...uuidLabels)),
      name: labelOf(labels, 'name'),
      pciBusId: labelOf(labels, 'pci_bus_id'),
      driverVersion: labelOf(labels, 'driver_version'),
      instance: null,
      job: null,
    };
  },
};
