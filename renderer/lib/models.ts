import type { HostId, ServerId } from '#common/ids.ts';
import type { ModelServer } from '#common/servers.ts';

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
    const others = byHost.get(hostId);
    if (served.length > 0) byHost.set(hostId, others === undefined ? served : [...others, ...served]);
  }
  let noneChanged = byHost.size === previous.size;
  for (const [hostId, served] of byHost) {
    const before = previous.get(hostId);
    if (before !== undefined && isSame(before, served)) byHost.set(hostId, before);
    else noneChanged = false;
  }
  return noneChanged ? previous : byHost;
}

/** Whether two lists of servers serve the same for certain: what else is known of a server changes with every measurement. */
export function haveSameModels(a: readonly ModelServer[], b: readonly ModelServer[]): boolean {
  return (
    a.length === b.length && a.every(({ id, models }, at) => id === b[at]?.id && models === b[at].models)
  );
}

function isSame(before: readonly ServedModel[], now: readonly ServedModel[]): boolean {
  return (
    before.length === now.length &&
    before.every(({ id, serverId }, at) => id === now[at]?.id && serverId === now[at].serverId)
  );
}
