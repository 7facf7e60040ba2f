/** All GPU tools that are known, each an adapter of its own: a name without one does not compile. */

import { type GpuToolName, gpuToolNames } from '#common/gpu-tools.ts';
import { amdSmi } from './amd-smi.ts';
import type { GpuTool } from './gpu-tool.ts';
import { nvidiaSmi } from './nvidia-smi.ts';
import { rocmSmi } from './rocm-smi.ts';

const adapters: Readonly<Record<GpuToolName, GpuTool>> = {
  'nvidia-smi': nvidiaSmi,
  'amd-smi': amdSmi,
  'rocm-smi': rocmSmi,
};

/** In the order in which they are looked for on a host. */
export const gpuTools: readonly GpuTool[] = gpuToolNames.map((name) => adapters[name]);
