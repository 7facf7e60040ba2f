// The hosts of a bench, in a process of their own, so that the client's CPU time is the client's alone.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startFleet } from '../lab/fleet.ts';
import { createModelServer } from './model-server.ts';
import { counted, nvidiaSmi, ss } from './stand-ins.ts';

/** Sent once, when the hosts are up. */
export interface FleetReady {
  readonly sshConfigPath: string;
  /** The links to the hosts, as /sys/class/net names them. */
  readonly links: readonly string[];
}

/** Sent for each message: what the first host has been asked since the start. */
export type FirstHostCounts = Readonly<Record<'nvidia-smi' | 'ss' | 'http', number>>;

const count = Number(process.argv[2]);
const gpuCount = 8;
const aliasOf = (n: number): string => `host-${n}`;
const servers = Array.from({ length: count }, (_, n) => createModelServer(`org/model-${n}`, n));
const fleet = await startFleet(
  servers.map((server, n) => {
    const alias = aliasOf(n);
    const gpus = nvidiaSmi({ alias, count: gpuCount });
    const isFirst = n === 0;
    return {
      alias,
      gpus: null,
      nvidiaSmi: isFirst ? counted(gpus, 'nvidia-smi') : gpus,
      programs: { ss: isFirst ? counted(ss, 'ss') : ss },
      services: [server],
    };
  }),
);

async function starts(name: string): Promise<number> {
  const text = await readFile(join(fleet.directory, aliasOf(0), 'state', `starts-${name}`), 'utf8').catch(
    () => '',
  );
  return text.length / 2;
}

process.on('message', async () => {
  const counts: FirstHostCounts = {
    'nvidia-smi': await starts('nvidia-smi'),
    ss: await starts('ss'),
    http: servers[0]?.answered() ?? 0,
  };
  process.send?.(counts);
});
process.once('disconnect', async () => {
  await fleet.stop();
  process.exit();
});
const ready: FleetReady = {
  sshConfigPath: fleet.sshConfigPath,
  links: servers.map((_server, n) => fleet.namespaceOf(aliasOf(n)).name),
};
process.send?.(ready);
