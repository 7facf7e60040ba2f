import type { ServerId } from '#common/ids.ts';
import type { ModelServer } from '#common/servers.ts';

/** The model to ask: as its server lists it. */
export interface TestTarget {
  readonly serverId: ServerId;
  readonly model: string;
}

/** The models that can be asked something, in the order of their servers: whether they answer is what is to be seen. */
export function askableModels(servers: readonly ModelServer[]): readonly TestTarget[] {
  return servers.flatMap(({ id, models }) => models.map((model) => ({ serverId: id, model: model.id })));
}
