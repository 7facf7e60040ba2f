// The app's forward in a process of its own: opens one to the port of a host, and says at which local port it listens.
import { homedir } from 'node:os';
import { reuseMemory } from '#engine/history/memory-reuse.ts';
import { engineFor } from '../support/engine-for.ts';

reuseMemory();
const [sshConfigPath = '', hostId = '', remotePort = ''] = process.argv.slice(2);
const engine = engineFor(sshConfigPath, {
  settings: { localPorts: { from: 17_500, to: 17_599 } },
  home: homedir(),
  env: process.env,
});
await engine.loadHosts();
const { localPort } = await engine.handlers['forward.open']({ hostId, remotePort: Number(remotePort) });
process.send?.(localPort);
process.once('disconnect', async () => {
  await engine.dispose();
  process.exit();
});
