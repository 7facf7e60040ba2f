/** The programs that measure GPUs, and what their makers call things. The engine has an adapter for each program. */

export type GpuVendor = 'nvidia' | 'amd';

/** In the order in which they are looked for on a host. */
export const gpuToolNames = ['nvidia-smi', 'amd-smi', 'rocm-smi'] as const;

export type GpuToolName = (typeof gpuToolNames)[number];

/** How a program is limited to some GPUs of a host. */
export interface DeviceSelection {
  /** The environment variable that takes their numbers, with commas. */
  readonly variable: string;
  /** The assignment that makes the numbers those of the GPU tool; null where they are so anyway. */
  readonly order: string | null;
}

export const deviceSelections: Readonly<Record<GpuVendor, DeviceSelection>> = {
  // CUDA's own order is the fastest first.
  nvidia: { variable: 'CUDA_VISIBLE_DEVICES', order: 'CUDA_DEVICE_ORDER=PCI_BUS_ID' },
  amd: { variable: 'HIP_VISIBLE_DEVICES', order: null },
};
