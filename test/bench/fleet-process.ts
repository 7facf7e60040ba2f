// The hosts of the bench, in a process of their own, so that the client's CPU time is the client's alone.
import { startFleet } from '../lab/fleet.ts';

const count = Number(process.argv[2]);
const fleet = await startFleet(
  Array.from({ length: count }, (_, n) => ({
    alias: `host-${n}`,
    gpus: Array.from({ length: 8 }, (_, gpu) => ({
      name: 'NVIDIA H100 80GB HBM3',
      utilPct: (n * gpu * 7) % 101,
      memUsedMiB: 4 + ((n * gpu * 997) % 80_000),
      memTotalMiB: 81_559,
    })),
    models: [{ port: 8000, id: `org/model-${n}` }],
  })),
);
process.send?.(fleet.sshConfigPath);
process.once('disconnect', async () => {
  await fleet.stop();
  process.exit();
});
