// The app of the soak in a process of its own: opens all forwards, and tells of itself when asked.
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { reuseMemory } from '#engine/history/memory-reuse.ts';
import { engineFor } from '../support/engine-for.ts';
import type { AppReport } from './soak-report.ts';

reuseMemory();
const [sshConfigPath = '', dataFolder = '', hostList = '', portList = ''] = process.argv.slice(2);
const engine = engineFor(sshConfigPath, {
  settings: { welcomed: true, localPorts: { from: 18_000, to: 18_199 } },
  home: homedir(),
  env: process.env,
  dataFolder,
});
const warnings: string[] = [];
process.on('warning', ({ message }) => warnings.push(message));

await engine.loadHosts();
engine.begin();
for (const hostId of hostList.split(','))
  for (const remotePort of portList.split(',').map(Number))
    await engine.handlers['forward.open']({ hostId, remotePort });

process.on('message', (question: 'states' | 'report') => {
  if (question === 'report') globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const report: AppReport = {
    forwards: engine.snapshot().forwards.map(({ id, hostId, localPort, state, traffic }) => ({
      id,
      hostId,
      localPort: localPort ?? 0,
      listens: state.kind === 'listening',
      openConnections: traffic.openConnections,
    })),
    rssMiB: rss / 2 ** 20,
    heapMiB: (heapUsed + external) / 2 ** 20,
    cpuSeconds: (user + system) / 1e6,
    files: readdirSync('/proc/self/fd').length,
    resources: countOf(process.getActiveResourcesInfo()),
    warnings,
  };
  process.send?.(report, () => undefined);
});
process.once('disconnect', async () => {
  await engine.dispose();
  // Whatever holds the process now was left behind.
  setTimeout(() => process.exit(17), 10_000).unref();
});
process.send?.('ready');

function countOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
