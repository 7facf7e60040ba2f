import { homedir } from 'node:os';
import type { Snapshot } from '#common/snapshot.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor } from '../support/engine-for.ts';

/** The engine as the app runs it, with the default settings; without model servers it looks for none; in `dataFolder` it keeps what it does. */
export function benchEngine(sshConfigPath: string, withModels = true, dataFolder?: string): Engine {
  return engineFor(sshConfigPath, {
    ...(!withModels && { remotePorts: [] }),
    home: homedir(),
    env: process.env,
    ...(dataFolder !== undefined && { dataFolder }),
  });
}

/** Hosts of which everything is known: 8 GPUs, and one model with its load unless no models are looked for. */
export function countAnswered({ hosts, servers }: Snapshot, withModels = true): number {
  const serving = new Set(
    servers
      .filter(({ models, loads }) => models.length === 1 && loads.length === 1)
      .map(({ hostId }) => hostId),
  );
  return hosts.filter(
    ({ id, state, gpus }) => state.kind === 'up' && gpus.length === 8 && (!withModels || serving.has(id)),
  ).length;
}
