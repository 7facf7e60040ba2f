import type { Host, ModelServer, ServerId } from '#common/model.ts';

/** The model to ask: as its server lists it. */
export interface TestTarget {
  readonly serverId: ServerId;
  readonly model: string;
}

export interface AskableModel extends TestTarget {
  /** `gpu01:8000`. */
  readonly server: string;
}

/** The models that can be asked something, in the order of their servers: whether they answer is what is to be seen. */
export function askableModels(
  servers: readonly ModelServer[],
  hosts: readonly Host[],
): readonly AskableModel[] {
  const aliases = new Map(hosts.map(({ id, alias }) => [id, alias]));
  return servers.flatMap(({ id, hostId, port, models }) =>
    models.map((model) => ({
      serverId: id,
      model: model.id,
      server: `${aliases.get(hostId) ?? hostId}:${port}`,
    })),
  );
}
