// The demo cluster answers alike where no /bin/sh runs its commands, as on Windows.
import { vi } from 'vitest';
import type { DemoClusterOptions } from '../../../main/demo/cluster.ts';

vi.mock('../../../main/demo/cluster.ts', async (importOriginal) => {
  const cluster = await importOriginal<typeof import('../../../main/demo/cluster.ts')>();
  const startDemoCluster = (options: DemoClusterOptions = {}) =>
    cluster.startDemoCluster({ ...options, shells: 'in-process' });
  return { ...cluster, startDemoCluster };
});

await import('./commands.test.ts');
