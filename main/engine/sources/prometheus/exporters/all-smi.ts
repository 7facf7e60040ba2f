/** all-smi, whose series are the same for every vendor; read as NVIDIA's, which its UUIDs are. */

import type { Labels } from '../answer.ts';
import { bytesToMiB, type GpuExporter, gauge, indexOf, labelOf, nvidiaUuid } from './exporter.ts';

const uuidLabels = ['uuid', 'gpu_uuid'] as const;

export const allSmi: GpuExporter = {
  vendor: 'nvidia',
  gauges: {
    all_smi_gpu_utilization: gauge('utilPct'),
    all_smi_gpu_memory_used_bytes: gauge('memUsedMiB', bytesToMiB),
    all_smi_gpu_memory_total_bytes: gauge('memTotalMiB', bytesToMiB),
    all_smi_gpu_temperature_celsius: gauge('temperatureC'),
    all_smi_gpu_power_consumption_watts: gauge('powerW'),
    all_smi_gpu_frequency_mhz: gauge('smClockMHz'),
  },
  identity: [['all_smi_gpu_memory_total_bytes', 'all_smi_gpu_utilization']],
  uuidLabels,
  labels(labels: Labels) {
    return {
      index: indexOf(labelOf(labels, 'index', 'gpu_index')),
      uuid: nvidiaUuid(labelOf(labels, ...uuidLabels)),
      name: labelOf(labels, 'gpu'),
      pciBusId: null,
      driverVersion: null,
      instance: null,
      job: null,
    };
  },
};
