import type { HostId, ServerId } from '#common/ids.ts';
import type { ModelServer } from '#common/servers.ts';
import { isSameList } from './same-list.ts';

/** A base model that a host serves, adapters left out. */
export interface ServedModel {
  readonly id: string;
  readonly serverId: ServerId;
}

export type ModelsByHost = ReadonlyMap<HostId, readonly ServedModel[]>;

/**
 * The base models that each host serves; hosts without one are absent. Servers are other objects after every measurement, so
 * what is still the same is taken from `previous`: a row that shows it need not render again.
 */
export function modelsByHost(
  servers: readonly ModelServer[],
  previous: ModelsByHost = new Map(),
): ModelsByHost {
  const byHost = new Map<HostId, readonly ServedModel[]>();
  for (const { hostId, id: serverId, models } of servers) {
    const served = models.filter(({ parent }) => parent === null).map(({ id }) => ({ id, serverId }));
    if (served.length > 0) byHost.set(hostId, [...(byHost.get(hostId) ?? []), ...served]);
  }
  let isSame = byHost.size === previous.size;
  for (const [hostId, served] of byHost) {
    const before = previous.get(hostId);
    if (before !== undefined && isSameList(before.map(keyOf), served.map(keyOf))) byHost.set(hostId, before);
    else isSame = false;
  }
  return isSame ? previous : byHost;
}

function keyOf({ id, serverId }: ServedModel): string {
  return `${serverId} ${id}`;
}
