// The app's engine in a process of its own, with a forward to the first of some ports of the host and the gateway for all of
// them. Says where both listen.
import { homedir } from 'node:os';
import { reuseMemory } from '#engine/history/memory-reuse.ts';
import { engineFor } from '../support/engine-for.ts';
import { freePort } from '../support/ssh/sshd.ts';

reuseMemory();
const [sshConfigPath = '', ...ports] = process.argv.slice(2);
const remotePorts = ports.map(Number);
const port = await freePort();
const engine = engineFor(sshConfigPath, {
  settings: {
    localPorts: { from: 17_600, to: 17_699 },
    gateway: { enabled: true, port, stickiness: 'off' },
  },
  remotePorts,
  home: homedir(),
  env: process.env,
});
await engine.loadHosts();
await engine.scan();
engine.watch();
const { key } = await engine.openGateway();
const { localPort } = await engine.handlers['forward.open']({
  hostId: 'lab',
  remotePort: remotePorts[0] ?? 0,
});
process.send?.({ forward: localPort, gateway: port, key });
process.once('disconnect', async () => {
  await engine.dispose();
  process.exit();
});
